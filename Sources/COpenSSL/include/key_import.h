// Public keys from their numbers. In C because OSSL_PARAM_BLD keeps pointers to names and values until the end.
#pragma once
#include <openssl/evp.h>
#include <stddef.h>
#include <stdint.h>

// An RSA key of a big-endian modulus and exponent. NULL when OpenSSL takes no such key.
EVP_PKEY *postern_rsa_public_key(
    const uint8_t *modulus, size_t modulus_length, const uint8_t *exponent, size_t exponent_length
);

// A key on the named curve, of an uncompressed point that is checked to lie on it. NULL when it does not.
EVP_PKEY *postern_ec_public_key(const char *curve, const uint8_t *point, size_t point_length);
