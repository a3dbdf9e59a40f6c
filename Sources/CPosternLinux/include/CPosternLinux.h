// The Linux calls that Glibc's module map does not export.
#pragma once
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <sys/socket.h>

#include "process.h"

// accept4 is behind _GNU_SOURCE, which Swift's importer does not define.
int postern_accept4(int fd, struct sockaddr *address, socklen_t *length, int flags);

// Cores that this process may use.
int postern_available_processors(void);

// The stack of every thread that is made from now on, in bytes; committed only as it is used. 0 or an errno.
int postern_set_default_stack(size_t bytes);
