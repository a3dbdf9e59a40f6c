// What a private child process needs and Glibc's module map does not export.
#pragma once
#include <spawn.h>

// The child closes every descriptor from `first` on (glibc 2.34).
int postern_spawn_close_from(posix_spawn_file_actions_t *actions, int first);

// A pipe whose ends no child inherits.
int postern_pipe_cloexec(int ends[2]);
