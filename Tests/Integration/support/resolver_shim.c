// A resolver that a test moves: names have no address until the file RESOLVE_AFTER is there, and then those of
// RESOLVE_AS (numeric, with commas), if that is set.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef int (*resolve)(const char *, const char *, const struct addrinfo *, struct addrinfo **);

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **list) {
    resolve next = (resolve)dlsym(RTLD_NEXT, "getaddrinfo");
    const char *gate = getenv("RESOLVE_AFTER");
    if (gate && access(gate, F_OK) != 0) return EAI_AGAIN;
    const char *addresses = getenv("RESOLVE_AS");
    if (!addresses) return next(node, service, hints, list);
    char *copy = strdup(addresses), *rest = copy, *address;
    struct addrinfo **tail = list;
    *list = NULL;
    while ((address = strsep(&rest, ",")) != NULL) {
        int status = next(address, service, hints, tail);
        if (status != 0) return status;
        while (*tail) tail = &(*tail)->ai_next;
    }
    free(copy);
    return 0;
}
