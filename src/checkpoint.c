#include "checkpoint.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/atomic_file.h"
#include "base/fault.h"
#include "base/util.h"
#include "lib/gz.h"

#define SUFFIX          ".checkpoint"
#define SUFFIX_PREVIOUS ".checkpoint.previous"
#define SUFFIX_DAMAGED  ".checkpoint.damaged"
#define SUFFIX_LOCK     ".lock"
#define HEAD            "postship checkpoint "

/* NAME_MAX less the longest suffix and ".tmp" */
enum { NAME_LEN_MAX = 200, HEAD_MAX = 80, FILE_MAX = 64 << 20 };

struct ps_checkpoint {
    char *name; /* of the pipeline */
    char *path; /* of the newest */
    int dir_fd, lock_fd;
};

/* One name in the state directory. */
struct file_name {
    char text[NAME_MAX + 1];
};

static struct file_name file_name_of(const struct ps_checkpoint *c, const char *suffix)
{
    struct file_name f;
    (void)snprintf(f.text, sizeof f.text, "%.*s%s", NAME_LEN_MAX, c->name, suffix);
    return f;
}

static bool name_usable(const char *name)
{
    return name[0] && name[0] != '.' && strlen(name) <= NAME_LEN_MAX && !strchr(name, '/');
}

static int directory_open(const char *path)
{
    if (mkdir(path, 0700) < 0 && errno != EEXIST)
        return -errno;
    int fd = ps_fault(PS_FAULT_OPEN) ? -1 : open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

static int lock_take(int dir_fd, const char *name)
{
    _cleanup_close_ int fd =
        ps_fault(PS_FAULT_OPEN) ? -1 : openat(dir_fd, name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return -errno;
    if (flock(fd, LOCK_EX | LOCK_NB) < 0)
        return errno == EWOULDBLOCK ? -EBUSY : -errno;
    int taken = fd;
    fd = -1;
    return taken;
}

int ps_checkpoint_open(const char *state_dir, const char *pipeline, struct ps_checkpoint **ret)
{
    if (!name_usable(pipeline))
        return -EINVAL;
    _cleanup_(ps_checkpoint_closep) struct ps_checkpoint *c = ps_fault(PS_FAULT_MALLOC) ? NULL : calloc(1, sizeof *c);
    if (!c)
        return -ENOMEM;
    const size_t path_size = strlen(state_dir) + strlen(pipeline) + sizeof "/" SUFFIX;
    c->dir_fd = c->lock_fd = -1;
    c->name = ps_fault(PS_FAULT_MALLOC) ? NULL : strdup(pipeline);
    c->path = ps_fault(PS_FAULT_MALLOC) ? NULL : malloc(path_size);
    if (!c->name || !c->path)
        return -ENOMEM;
    (void)snprintf(c->path, path_size, "%s/%s" SUFFIX, state_dir, pipeline);
    int r = c->dir_fd = directory_open(state_dir);
    if (r < 0)
        return r;
    r = c->lock_fd = lock_take(c->dir_fd, file_name_of(c, SUFFIX_LOCK).text);
    if (r < 0)
        return r;
    *ret = c;
    c = NULL;
    return 0;
}

struct ps_checkpoint *ps_checkpoint_close(struct ps_checkpoint *c)
{
    if (c) {
        ps_close(c->lock_fd);
        ps_close(c->dir_fd);
        free(c->name);
        free(c->path);
    }
    free(c);
    return NULL;
}

const char *ps_checkpoint_path(const struct ps_checkpoint *c)
{
    return c->path;
}

/* Digits at the start of *s, at most `most` of them; moves *s behind them. */
static bool number_take(struct ps_slice *s, int base, size_t most, uint64_t *ret)
{
    uint64_t v = 0;
    size_t n = 0;
    for (; n < s->n && n < most; n++) {
        char c = s->p[n];
        unsigned digit = c >= '0' && c <= '9'                 ? (unsigned)(c - '0')
                         : base == 16 && c >= 'a' && c <= 'f' ? (unsigned)(c - 'a' + 10)
                                                              : (unsigned)base;
        if (digit >= (unsigned)base)
            break;
        v = v * (unsigned)base + digit;
    }
    if (n == 0)
        return false;
    *s = ps_slice_after(*s, n);
    *ret = v;
    return true;
}

static bool text_take(struct ps_slice *s, struct ps_slice text)
{
    if (!ps_slice_starts(*s, text))
        return false;
    *s = ps_slice_after(*s, text.n);
    return true;
}

/* 0 and the JSON text; -EUCLEAN: damaged; -EPROTO: whole, but of a newer format. */
static int head_check(struct ps_slice file, struct ps_slice *ret_body)
{
    enum { DIGITS = 18, CRC_DIGITS = 8 };
    uint64_t format, length, crc;
    if (!text_take(&file, PS_SLICE(HEAD)) || !number_take(&file, 10, DIGITS, &format) ||
        !text_take(&file, PS_SLICE(" ")) || !number_take(&file, 10, DIGITS, &length) ||
        !text_take(&file, PS_SLICE(" ")) || !number_take(&file, 16, CRC_DIGITS, &crc) ||
        !text_take(&file, PS_SLICE("\n")))
        return -EUCLEAN;
    if (format == 0 || length != file.n || crc != ps_crc32(file))
        return -EUCLEAN;
    if (format > PS_CHECKPOINT_FORMAT)
        return -EPROTO;
    *ret_body = file;
    return 0;
}

static int body_parse(struct ps_slice body, const char *input_kind, struct ps_json **ret_root,
                      const struct ps_json **ret_position)
{
    struct ps_json *root;
    int r = ps_json_parse(body, &root);
    if (r < 0)
        return r == -ENOMEM ? r : -EUCLEAN;
    struct ps_slice kind;
    const struct ps_json *position = ps_json_member(root, "position");
    if (!position || !ps_json_string(ps_json_member(root, "input"), &kind))
        r = -EUCLEAN;
    else if (!ps_slice_equal(kind, ps_slice_from_str(input_kind)))
        r = -EXDEV;
    if (r < 0) {
        ps_json_free(root);
        return r;
    }
    *ret_root = root;
    *ret_position = position;
    return 0;
}

static int file_load(const struct ps_checkpoint *c, const char *name, const char *input_kind, struct ps_json **ret_root,
                     const struct ps_json **ret_position)
{
    struct ps_buf file = {.max = FILE_MAX};
    struct ps_slice body;
    int r = ps_atomic_file_read(c->dir_fd, name, &file);
    if (r == -EFBIG)
        r = -EUCLEAN;
    if (r == 0)
        r = head_check(ps_buf_slice(&file), &body);
    if (r == 0)
        r = body_parse(body, input_kind, ret_root, ret_position);
    ps_buf_done(&file);
    return r;
}

int ps_checkpoint_load(struct ps_checkpoint *c, const char *input_kind, struct ps_json **ret_root,
                       const struct ps_json **ret_position, bool *ret_damaged)
{
    const struct file_name newest = file_name_of(c, SUFFIX), aside = file_name_of(c, SUFFIX_DAMAGED);
    int r = file_load(c, newest.text, input_kind, ret_root, ret_position);
    if (r == 0)
        *ret_damaged = false;
    if (r != -EUCLEAN && r != -ENOENT)
        return r == 0 ? 1 : r;

    /* No newest one, but a previous one: the newest was set aside, and the crash came before the next was saved. */
    bool damaged = r == -EUCLEAN;
    struct ps_json *root;
    const struct ps_json *position;
    r = file_load(c, file_name_of(c, SUFFIX_PREVIOUS).text, input_kind, &root, &position);
    if (r == -ENOENT) {
        if (damaged)
            return -EUCLEAN;
        *ret_damaged = false;
        return 0;
    }
    if (r < 0)
        return r;
    if (damaged && (ps_fault(PS_FAULT_RENAME) || renameat(c->dir_fd, newest.text, c->dir_fd, aside.text) < 0)) {
        r = -errno;
        ps_json_free(root);
        return r;
    }
    *ret_root = root;
    *ret_position = position;
    *ret_damaged = damaged;
    return 1;
}

/* Pipeline names and kinds come from the configuration: names that need no escaping, but for these two. */
static void string_append(struct ps_buf *out, const char *s)
{
    (void)ps_buf_append_char(out, '"');
    for (; *s; s++) {
        if ((unsigned char)*s < ' ')
            (void)ps_buf_printf(out, "\\u%04x", (unsigned)*s);
        else if (*s == '"' || *s == '\\')
            (void)ps_buf_printf(out, "\\%c", *s);
        else
            (void)ps_buf_append_char(out, *s);
    }
    (void)ps_buf_append_char(out, '"');
}

int ps_checkpoint_save(struct ps_checkpoint *c, const char *input_kind, struct ps_slice position)
{
    struct ps_buf body = {.max = FILE_MAX - HEAD_MAX}, file = {.max = FILE_MAX};
    (void)ps_buf_append_str(&body, "{\"pipeline\":");
    string_append(&body, c->name);
    (void)ps_buf_append_str(&body, ",\"input\":");
    string_append(&body, input_kind);
    (void)ps_buf_append_str(&body, ",\"position\":");
    (void)ps_buf_append_slice(&body, position);
    int r = ps_buf_append_str(&body, "}\n");
    if (r == 0) {
        (void)ps_buf_printf(&file, HEAD "%d %zu %08" PRIx32 "\n", PS_CHECKPOINT_FORMAT, body.n,
                            ps_crc32(ps_buf_slice(&body)));
        r = ps_buf_append_slice(&file, ps_buf_slice(&body));
    }
    if (r == 0)
        r = ps_atomic_file_write(c->dir_fd, file_name_of(c, SUFFIX).text, file_name_of(c, SUFFIX_PREVIOUS).text,
                                 ps_buf_slice(&file));
    ps_buf_done(&body);
    ps_buf_done(&file);
    return r;
}

static bool is_among(struct ps_slice name, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (ps_slice_equal(name, ps_slice_from_str(names[i])))
            return true;
    return false;
}

static int strings_add(struct ps_strings *list, struct ps_slice s)
{
    char **v = ps_fault(PS_FAULT_MALLOC) ? NULL : realloc(list->v, (list->n + 1) * sizeof *v);
    if (!v)
        return -ENOMEM;
    list->v = v;
    v[list->n] = ps_fault(PS_FAULT_MALLOC) ? NULL : strndup(s.p, s.n);
    if (!v[list->n])
        return -ENOMEM;
    list->n++;
    return 0;
}

static void strings_done(struct ps_strings *list)
{
    for (size_t i = 0; i < list->n; i++)
        free(list->v[i]);
    free(list->v);
    *list = (struct ps_strings){0};
}

/* The pipeline that a file of the state directory belongs to; empty where it is no checkpoint. */
static struct ps_slice owner_of(const char *file)
{
    struct ps_slice s = ps_slice_from_str(file);
    const struct ps_slice suffixes[] = {PS_SLICE(SUFFIX), PS_SLICE(SUFFIX_PREVIOUS)};
    for (size_t i = 0; i < PS_COUNT(suffixes); i++)
        if (ps_slice_ends(s, suffixes[i]))
            return ps_slice_make(s.p, s.n - suffixes[i].n);
    return (struct ps_slice){0};
}

int ps_checkpoint_orphans(const char *state_dir, const char *const *names, size_t n, struct ps_strings *ret)
{
    DIR *dir = ps_fault(PS_FAULT_OPEN) ? NULL : opendir(state_dir);
    if (!dir && errno != ENOENT)
        return -errno;
    struct ps_strings found = {0};
    int r = 0;
    while (dir && r == 0) {
        errno = 0;
        const struct dirent *entry = readdir(dir);
        if (!entry) {
            r = -errno;
            break;
        }
        struct ps_slice owner = owner_of(entry->d_name);
        if (owner.n && !is_among(owner, names, n) && !is_among(owner, (const char *const *)found.v, found.n))
            r = strings_add(&found, owner);
    }
    if (dir)
        (void)closedir(dir);
    if (r < 0) {
        strings_done(&found);
        return r;
    }
    *ret = found;
    return 0;
}
