// A disk that a test makes slow, short, full or broken. Preloaded into a gateway it acts on its *.jsonl files alone.
//
// The test and the gateway share the words below through the file that DISK_CONTROL names; support/disk.py has the
// same words in the same order. DISK_LOG names a file that gets one line for each fdatasync that succeeded: when that
// was (seconds since 1970), the file's inode, and how many bytes it had before the call.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct control {
    _Atomic int32_t write_error;     // errno of every write once the budget is spent; 0 for none
    _Atomic int32_t write_budget;    // bytes that may still be written before that
    _Atomic int32_t write_limit;     // the most that one write takes; 0 for no limit
    _Atomic int32_t write_hold;      // writes wait while this is set
    _Atomic int32_t truncate_error;  // errno of every ftruncate
    _Atomic int32_t sync_error;      // errno of every fdatasync
    _Atomic int32_t sync_inode;      // the one file that this is for; 0 for all
    _Atomic int32_t sync_hold;       // fdatasync waits while this is set
    _Atomic int32_t sync_delay;      // microseconds that each fdatasync takes more
    _Atomic int32_t held;            // calls that wait at this moment
    _Atomic int32_t held_inode;      // the file of the last one
    _Atomic int32_t passes;          // calls that may pass all the same; each takes one
    _Atomic int32_t writes, syncs;   // calls so far
};

static struct control none, *control = &none;
static int event_log = -1;
static ssize_t (*real_write)(int, const void *, size_t);
static int (*real_fdatasync)(int);
static int (*real_ftruncate)(int, off_t);

__attribute__((constructor)) static void begin(void) {
    real_write = dlsym(RTLD_NEXT, "write");
    real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
    real_ftruncate = dlsym(RTLD_NEXT, "ftruncate");
    const char *path = getenv("DISK_CONTROL");
    int file = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    if (file >= 0) {
        void *memory = mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
        if (memory != MAP_FAILED) control = memory;
        close(file);
    }
    if ((path = getenv("DISK_LOG"))) event_log = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
}

static int is_journal(int file, struct stat *status) {
    char link[64], path[4096];
    if (control == &none || fstat(file, status) || !S_ISREG(status->st_mode)) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return strstr(path, ".jsonl") != NULL;
}

static int may_pass(void) {
    int32_t left = control->passes;
    return left > 0 && atomic_compare_exchange_strong(&control->passes, &left, left - 1);
}

static void wait_while(_Atomic int32_t *word, const struct stat *status) {
    if (!*word) return;
    control->held_inode = status->st_ino & 0x7fffffff;
    control->held++;
    while (*word && !may_pass()) nanosleep(&(struct timespec){0, 1000000}, NULL);
    control->held--;
}

ssize_t write(int file, const void *bytes, size_t count) {
    struct stat status;
    if (!is_journal(file, &status)) return real_write(file, bytes, count);
    control->writes++;
    wait_while(&control->write_hold, &status);
    if (control->write_error) {
        int32_t budget = control->write_budget;
        if (budget <= 0) {
            errno = control->write_error;
            return -1;
        }
        if (count > (size_t)budget) count = budget;
        control->write_budget -= count;
    }
    if (control->write_limit && count > (size_t)control->write_limit) count = control->write_limit;
    return real_write(file, bytes, count);
}

int ftruncate(int file, off_t size) {
    struct stat status;
    if (control->truncate_error && is_journal(file, &status)) {
        errno = control->truncate_error;
        return -1;
    }
    return real_ftruncate(file, size);
}

int ftruncate64(int file, off_t size) { return ftruncate(file, size); }

int fdatasync(int file) {
    struct stat status;
    if (!is_journal(file, &status)) return real_fdatasync(file);
    control->syncs++;
    wait_while(&control->sync_hold, &status);
    if (control->sync_delay) usleep(control->sync_delay);
    if (control->sync_error && (!control->sync_inode || control->sync_inode == (status.st_ino & 0x7fffffff))) {
        errno = control->sync_error;
        return -1;
    }
    int result = real_fdatasync(file);
    if (result == 0 && event_log >= 0) {
        struct timespec now;
        clock_gettime(CLOCK_REALTIME, &now);
        dprintf(event_log, "%ld.%09ld %lu %ld\n", (long)now.tv_sec, now.tv_nsec, (unsigned long)status.st_ino,
                (long)status.st_size);
    }
    return result;
}
