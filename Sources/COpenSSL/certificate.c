#include "certificate.h"

#include <openssl/bio.h>

ptrdiff_t postern_certificate_subject(const X509 *certificate, uint8_t *text, size_t capacity) {
    BIO *memory = BIO_new(BIO_s_mem());
    if (!memory) return -1;
    // RFC 2253 without the escapes of what is not ASCII: RFC 4514 has UTF-8 stand for itself.
    unsigned long flags = XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB;
    ptrdiff_t length = -1;
    if (X509_NAME_print_ex(memory, X509_get_subject_name(certificate), 0, flags) >= 0) {
        char *bytes = NULL;
        long count = BIO_get_mem_data(memory, &bytes);
        if (count >= 0 && (size_t)count <= capacity) {
            for (long index = 0; index < count; index++) text[index] = (uint8_t)bytes[index];
            length = count;
        }
    }
    BIO_free(memory);
    return length;
}

GENERAL_NAMES *postern_certificate_alternative_names(const X509 *certificate, int *broken) {
    int critical = 0;
    GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, &critical, NULL);
    // -1 says that there is no such extension; anything else without names, that there is one which cannot be read.
    *broken = names == NULL && critical != -1;
    return names;
}

int postern_general_names_count(const GENERAL_NAMES *names) { return sk_GENERAL_NAME_num(names); }

int postern_general_name_text(const GENERAL_NAMES *names, int index, int *type, const uint8_t **text, size_t *length) {
    const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, index);
    if (!name) return 0;
    if (name->type != GEN_DNS && name->type != GEN_URI && name->type != GEN_EMAIL) return 0;
    const ASN1_IA5STRING *string = name->d.ia5;
    *type = name->type;
    *text = ASN1_STRING_get0_data(string);
    *length = (size_t)ASN1_STRING_length(string);
    return 1;
}
