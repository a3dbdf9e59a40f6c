// A BIO over two buffers that belong to the caller for the length of one call.
//
// OpenSSL's own memory BIOs keep what they grew to for the life of a connection. This one keeps nothing: before
// each SSL_* call the engine lends it the ciphertext that came from the socket and the room for what must be sent.
#pragma once
#include <openssl/bio.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    const uint8_t *input;  // ciphertext not read yet
    size_t input_length;
    uint8_t *output;  // room for ciphertext to send
    size_t output_length;
    size_t output_capacity;
    int input_ended;  // the peer closed its side: an empty input is an end, not a wait
} postern_scratch;

// A BIO that borrows `scratch`, which must outlive it. NULL when out of memory.
BIO *postern_scratch_bio_new(postern_scratch *scratch);
