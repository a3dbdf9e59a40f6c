// OpenSSL 3 for Swift: the headers, and functions for the macros that Swift's importer cannot see.
#pragma once
#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "certificate.h"
#include "key_import.h"
#include "generate.h"
#include "scratch_bio.h"
#include "sha256.h"

static inline long postern_ssl_set_host_name(SSL *ssl, const char *name) {
    return SSL_set_tlsext_host_name(ssl, name);
}

static inline long postern_ssl_ctx_set_min_version(SSL_CTX *context, int version) {
    return SSL_CTX_set_min_proto_version(context, version);
}

static inline long postern_ssl_ctx_set_mode(SSL_CTX *context, long mode) {
    return SSL_CTX_set_mode(context, mode);
}

static inline long postern_ssl_ctx_set_session_cache_mode(SSL_CTX *context, long mode) {
    return SSL_CTX_set_session_cache_mode(context, mode);
}

static inline int postern_rsa_pss_with_digest_salt(EVP_PKEY_CTX *context) {
    if (EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) != 1) return 0;
    return EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1;
}

// EVP_PKEY_Q_keygen is variadic.
static inline EVP_PKEY *postern_ed25519_generate(void) {
    return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
}

// Chooses `postgresql` (IANA's ALPN id of the protocol) when it is offered; anything else offered is fatal.
static inline int postern_alpn_select_callback(
    SSL *ssl, const unsigned char **out, unsigned char *out_length, const unsigned char *in, unsigned int in_length,
    void *context
) {
    (void)ssl;
    (void)context;
    static const unsigned char wanted[] = "\x0apostgresql";
    int status = SSL_select_next_proto(
        (unsigned char **)out, out_length, wanted, sizeof wanted - 1, in, in_length
    );
    return status == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

static inline void postern_ssl_ctx_require_alpn(SSL_CTX *context) {
    SSL_CTX_set_alpn_select_cb(context, postern_alpn_select_callback, NULL);
}

// SSL_OP_* are 64-bit constants of macros that cast.
static inline void postern_ssl_ctx_server_options(SSL_CTX *context) {
    SSL_CTX_set_options(
        context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE
    );
    SSL_CTX_set_num_tickets(context, 0);
}

static inline void postern_ssl_ctx_client_options(SSL_CTX *context) {
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
}
