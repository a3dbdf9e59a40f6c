// The Linux calls that Glibc's module map does not export.
#pragma once
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/socket.h>

#include "process.h"

// accept4 is behind _GNU_SOURCE, which Swift's importer does not define.
int postern_accept4(int fd, struct sockaddr *address, socklen_t *length, int flags);

// Gives every thread made from now on this stack. Dispatch takes its threads' size from the default attribute.
int postern_set_default_stack_size(size_t bytes);

// The stack size of the calling thread in bytes, 0 when it cannot be told.
size_t postern_current_stack_size(void);
