// Starting and watching processes: what Glibc's module map leaves out.
#pragma once
#include <spawn.h>

// A descriptor (close-on-exec) that polls readable when the process ends; -1 with errno.
int postern_pidfd_open(int process);

// In the new process: closes all descriptors from `first` on.
int postern_spawn_close_from(posix_spawn_file_actions_t *actions, int first);

// In the new process: changes the working directory.
int postern_spawn_change_directory(posix_spawn_file_actions_t *actions, const char *path);

// A pipe whose ends no child inherits.
int postern_pipe_cloexec(int ends[2]);

// No core file of this process, for the kernel or a helper of its; nobody but root may read its memory. 0 or an errno.
int postern_keep_memory_private(void);

// The second alone: what a program that another one is started by may ask for. 0 or an errno.
int postern_hide_memory(void);

// Whether this process ignores the signal (SIG_IGN is a macro that Swift does not see).
int postern_signal_is_ignored(int number);

// The process's variables, NULL at the end: `environ`, which Swift takes for a variable that anybody may change.
char *const *postern_environment(void);
