#include "host_id.h"

#include <fcntl.h>

#include "base/atomic_file.h"
#include "base/fault.h"
#include "base/util.h"
#include "lib/crypto.h"

enum { KEY_LEN = 16, KEY_TEXT_LEN = 2 * KEY_LEN, FILE_MAX = 64 };

#define MACHINE_ID "/etc/machine-id"
#define FILE_NAME  "host-id"
#define PURPOSE    "postship host id"

static int digit_value(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* 32 lower-case hex digits, not all 0, and a newline or none. */
static bool key_parse(struct ps_slice text, uint8_t ret[KEY_LEN])
{
    if (ps_slice_ends(text, PS_SLICE("\n")))
        text.n--;
    if (text.n != KEY_TEXT_LEN)
        return false;
    uint8_t key[KEY_LEN], any = 0;
    for (size_t i = 0; i < KEY_LEN; i++) {
        int high = digit_value(text.p[2 * i]);
        int low = digit_value(text.p[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        key[i] = (uint8_t)(high << 4 | low);
        any |= key[i];
    }
    if (any)
        memcpy(ret, key, KEY_LEN);
    return any;
}

/* 0; -ENOENT where there is no such file; -EBADMSG where it holds no key. */
static int key_read(int dir_fd, const char *path, uint8_t ret[KEY_LEN])
{
    _cleanup_close_ int fd = ps_fault(PS_FAULT_OPEN) ? -1 : openat(dir_fd, path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return -errno;
    char text[FILE_MAX];
    ssize_t n = ps_fault(PS_FAULT_READ) ? -1 : read(fd, text, sizeof text);
    if (n < 0)
        return -errno;
    return key_parse(ps_slice_make(text, (size_t)n), ret) ? 0 : -EBADMSG;
}

static int key_make(int dir_fd, uint8_t ret[KEY_LEN])
{
    uint8_t key[KEY_LEN];
    int r = ps_random_bytes(key, sizeof key);
    if (r < 0)
        return r;
    _cleanup_(ps_buf_done) struct ps_buf text = {.max = FILE_MAX};
    (void)ps_buf_append_hex(&text, key, sizeof key);
    (void)ps_buf_append_char(&text, '\n');
    r = text.error ? text.error : ps_atomic_file_write(dir_fd, FILE_NAME, NULL, ps_buf_slice(&text));
    if (r == 0)
        memcpy(ret, key, sizeof key);
    return r;
}

static int own_key_read(const char *state_dir, uint8_t ret[KEY_LEN])
{
    if (!state_dir)
        return -ENOENT;
    _cleanup_close_ int dir_fd = ps_fault(PS_FAULT_OPEN) ? -1 : open(state_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir_fd < 0)
        return -errno;
    int r = key_read(dir_fd, FILE_NAME, ret);
    return r == -ENOENT ? key_make(dir_fd, ret) : r;
}

int ps_host_id_read_from(const char *machine_id_path, const char *state_dir, uint8_t ret[PS_HOST_ID_LEN])
{
    uint8_t key[KEY_LEN];
    int r = key_read(AT_FDCWD, machine_id_path, key);
    if (r == -ENOENT || r == -EBADMSG) /* empty, or "uninitialized" before the first boot is over (machine-id(5)) */
        r = own_key_read(state_dir, key);
    if (r < 0)
        return r;
    return ps_hmac_sha256(ps_slice_make((const char *)key, sizeof key), PS_SLICE(PURPOSE), ret);
}

int ps_host_id_read(const char *state_dir, uint8_t ret[PS_HOST_ID_LEN])
{
    return ps_host_id_read_from(MACHINE_ID, state_dir, ret);
}
