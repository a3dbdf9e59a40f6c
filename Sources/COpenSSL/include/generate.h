// Makes keys: EVP_PKEY_Q_keygen is variadic, and the macros over it are invisible to Swift's importer.
#pragma once
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

static inline EVP_PKEY *postern_p256_generate(void) { return EVP_EC_gen("P-256"); }

static inline EVP_PKEY *postern_rsa_generate(unsigned int bits) { return EVP_RSA_gen(bits); }
