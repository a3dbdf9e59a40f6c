// What a certificate says of its subject: names come out of macros and stacks that Swift's importer cannot see.
#pragma once
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stddef.h>
#include <stdint.h>

// The subject as RFC 4514 writes it, in UTF-8, into `text`, without a NUL. Its length, or -1 when it does not fit or
// cannot be written.
ptrdiff_t postern_certificate_subject(const X509 *certificate, uint8_t *text, size_t capacity);

// A subject's alternative name that is text: its type (GEN_DNS, GEN_URI, GEN_EMAIL) and its bytes, which belong to the
// names. 0 for a name of another type.
int postern_general_name_text(const GENERAL_NAMES *names, int index, int *type, const uint8_t **text, size_t *length);

// The subject's alternative names, which the caller frees; NULL when there are none. `*broken` tells of an extension
// that cannot be read or is there twice.
GENERAL_NAMES *postern_certificate_alternative_names(const X509 *certificate, int *broken);

int postern_general_names_count(const GENERAL_NAMES *names);
