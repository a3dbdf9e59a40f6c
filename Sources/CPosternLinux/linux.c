#define _GNU_SOURCE
#include <pthread.h>

#include "include/CPosternLinux.h"

int postern_accept4(int fd, struct sockaddr *address, socklen_t *length, int flags) {
    return accept4(fd, address, length, flags);
}

int postern_set_default_stack_size(size_t bytes) {
    pthread_attr_t attribute;
    int status = pthread_attr_init(&attribute);
    if (status != 0) return status;
    status = pthread_attr_setstacksize(&attribute, bytes);
    if (status == 0) status = pthread_setattr_default_np(&attribute);
    pthread_attr_destroy(&attribute);
    return status;
}

size_t postern_current_stack_size(void) {
    pthread_attr_t attribute;
    size_t size = 0;
    if (pthread_getattr_np(pthread_self(), &attribute) != 0) return 0;
    void *base = 0;
    if (pthread_attr_getstack(&attribute, &base, &size) != 0) size = 0;
    pthread_attr_destroy(&attribute);
    return size;
}
