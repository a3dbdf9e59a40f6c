#include "include/scratch_bio.h"

#include <openssl/crypto.h>
#include <string.h>

static int scratch_read(BIO *bio, char *destination, size_t capacity, size_t *count) {
    postern_scratch *scratch = BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    *count = 0;
    if (scratch->input_length == 0) {
        if (!scratch->input_ended) BIO_set_retry_read(bio);
        return 0;
    }
    size_t amount = capacity < scratch->input_length ? capacity : scratch->input_length;
    memcpy(destination, scratch->input, amount);
    scratch->input += amount;
    scratch->input_length -= amount;
    *count = amount;
    return 1;
}

static int scratch_write(BIO *bio, const char *source, size_t length, size_t *count) {
    postern_scratch *scratch = BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    size_t room = scratch->output_capacity - scratch->output_length;
    size_t amount = length < room ? length : room;
    *count = amount;
    if (amount == 0 && length > 0) {
        BIO_set_retry_write(bio);
        return 0;
    }
    memcpy(scratch->output + scratch->output_length, source, amount);
    scratch->output_length += amount;
    return 1;
}

static long scratch_ctrl(BIO *bio, int command, long number, void *pointer) {
    (void)bio;
    (void)number;
    (void)pointer;
    return command == BIO_CTRL_FLUSH || command == BIO_CTRL_DUP ? 1 : 0;
}

static int scratch_create(BIO *bio) {
    BIO_set_init(bio, 1);
    return 1;
}

static CRYPTO_ONCE method_once = CRYPTO_ONCE_STATIC_INIT;
static BIO_METHOD *method = NULL;

static void make_method(void) {
    BIO_METHOD *made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "postern scratch");
    if (made == NULL) return;
    BIO_meth_set_read_ex(made, scratch_read);
    BIO_meth_set_write_ex(made, scratch_write);
    BIO_meth_set_ctrl(made, scratch_ctrl);
    BIO_meth_set_create(made, scratch_create);
    method = made;
}

BIO *postern_scratch_bio_new(postern_scratch *scratch) {
    if (!CRYPTO_THREAD_run_once(&method_once, make_method) || method == NULL) return NULL;
    BIO *bio = BIO_new(method);
    if (bio != NULL) BIO_set_data(bio, scratch);
    return bio;
}
