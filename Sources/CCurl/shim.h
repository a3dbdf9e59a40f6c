// Swift cannot call variadic C functions: one typed wrapper for each kind of curl_easy_setopt and getinfo.
#pragma once
#include <curl/curl.h>

#include "open_socket.h"

static inline CURLcode postern_curl_set_long(CURL *handle, CURLoption option, long value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode postern_curl_set_string(CURL *handle, CURLoption option, const char *value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode postern_curl_set_pointer(CURL *handle, CURLoption option, void *value) {
    return curl_easy_setopt(handle, option, value);
}

typedef size_t (*postern_curl_write)(char *data, size_t size, size_t count, void *context);

static inline CURLcode postern_curl_set_write(CURL *handle, CURLoption option, postern_curl_write callback) {
    return curl_easy_setopt(handle, option, callback);
}

static inline CURLcode postern_curl_get_long(CURL *handle, CURLINFO info, long *value) {
    return curl_easy_getinfo(handle, info, value);
}
