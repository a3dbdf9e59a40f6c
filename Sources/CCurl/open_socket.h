// The hook that sees each address before curl connects to it.
#pragma once
#include <curl/curl.h>

static inline CURLcode postern_curl_set_open_socket(CURL *handle, curl_opensocket_callback callback) {
    return curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, callback);
}
