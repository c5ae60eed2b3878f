/* host_id.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/fault.h"
#include "base/util.h"
#include "host_id.h"

struct fixture {
    char dir[64], machine_id[80], own[80];
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    assert_non_null(f);
    (void)snprintf(f->dir, sizeof f->dir, "/tmp/postship-host-id-XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    (void)snprintf(f->machine_id, sizeof f->machine_id, "%s/machine-id", f->dir);
    (void)snprintf(f->own, sizeof f->own, "%s/host-id", f->dir);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    (void)unlink(f->machine_id);
    (void)unlink(f->own);
    assert_int_equal(rmdir(f->dir), 0); /* nothing else was left behind */
    free(f);
    return 0;
}

static void file_write(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static bool exists(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0;
}

/* printf %s "postship host id" | openssl mac -digest SHA256 -macopt hexkey:00112233445566778899aabbccddeeff HMAC */
#define ID_TEXT "00112233445566778899aabbccddeeff"
#define ID_HMAC "22b5bdc0e400c76ba3b1b87631424573298f3835c8946b3f688ec6158a30f1c6"

static void test_machine_id(void **state)
{
    struct fixture *f = *state;
    static const char *const texts[] = {ID_TEXT "\n", ID_TEXT};
    for (size_t i = 0; i < PS_COUNT(texts); i++) {
        file_write(f->machine_id, texts[i]);
        uint8_t id[PS_HOST_ID_LEN];
        assert_int_equal(ps_host_id_read_from(f->machine_id, f->dir, id), 0);
        _cleanup_(ps_buf_done) struct ps_buf hex = {.max = 80};
        (void)ps_buf_append_hex(&hex, id, sizeof id);
        assert_string_equal(ps_buf_cstr(&hex), ID_HMAC);
        assert_false(exists(f->own));
        assert_int_equal(ps_host_id_read_from(f->machine_id, NULL, id), 0);
    }
}

/* Without a machine id there is an own one, which stays. */
static void test_no_machine_id(void **state)
{
    struct fixture *f = *state;
    static const char *const texts[] = {
        NULL,
        "",
        "\n",
        "uninitialized\n",
        "00000000000000000000000000000000\n",
        "00112233445566778899aabbccddeef\n",
        "00112233445566778899aabbccddeeff0\n",
        "00112233445566778899AABBCCDDEEFF\n",
        "00112233-4455-6677-8899-aabbccdd\n",
        "00112233445566778899aabbccddeeff\n\n",
        "0011223344556677001122334455667700112233445566770011223344556677001122334455667700\n",
    };
    uint8_t first[PS_HOST_ID_LEN], id[PS_HOST_ID_LEN] = {0}, zero[PS_HOST_ID_LEN] = {0};
    for (size_t i = 0; i < PS_COUNT(texts); i++) {
        if (texts[i])
            file_write(f->machine_id, texts[i]);
        assert_int_equal(ps_host_id_read_from(f->machine_id, NULL, id), -ENOENT);
        assert_memory_equal(id, zero, sizeof id);
        assert_int_equal(ps_host_id_read_from(f->machine_id, f->dir, first), 0);
        if (i == 0) {
            assert_true(exists(f->own));
            (void)unlink(f->own);
            assert_int_equal(ps_host_id_read_from(f->machine_id, f->dir, id), 0);
            assert_memory_not_equal(id, first, sizeof id); /* each new one is another */
            memset(id, 0, sizeof id);
            continue;
        }
        uint8_t again[PS_HOST_ID_LEN];
        assert_int_equal(ps_host_id_read_from(f->machine_id, f->dir, again), 0);
        assert_memory_equal(again, first, sizeof again);
    }
}

static void test_own_file(void **state)
{
    struct fixture *f = *state;
    uint8_t id[PS_HOST_ID_LEN];
    assert_int_equal(ps_host_id_read_from(f->machine_id, "/nonexistent/postship", id), -ENOENT);
    assert_int_equal(ps_host_id_read_from(f->machine_id, f->dir, id), 0);
    struct stat st;
    assert_int_equal(stat(f->own, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    file_write(f->own, "damaged\n");
    assert_int_equal(ps_host_id_read_from(f->machine_id, f->dir, id), -EBADMSG);
    file_write(f->own, "");
    assert_int_equal(ps_host_id_read_from(f->machine_id, f->dir, id), -EBADMSG);
}

/* Each call that can fail does: an error, nothing returned, nothing half-written, and the next try works. */
static void test_faults(void **state)
{
    struct fixture *f = *state;
    static const enum ps_fault_point points[] = {PS_FAULT_OPEN,  PS_FAULT_READ,  PS_FAULT_MALLOC,
                                                 PS_FAULT_WRITE, PS_FAULT_FSYNC, PS_FAULT_RENAME};
    size_t reached_in_all = 0;
    for (size_t i = 0; i < PS_COUNT(points); i++)
        for (uint64_t nth = 1;; nth++) {
            uint8_t id[PS_HOST_ID_LEN] = {0}, zero[PS_HOST_ID_LEN] = {0};
            (void)unlink(f->own);
            ps_fault_arm(points[i], nth, EIO);
            int r = ps_host_id_read_from(f->machine_id, f->dir, id);
            bool reached = ps_fault_uses(points[i]) >= nth;
            ps_fault_arm(points[i], 0, 0);
            if (!reached) {
                assert_int_equal(r, 0);
                break;
            }
            reached_in_all++;
            assert_true(r < 0);
            assert_memory_equal(id, zero, sizeof id);
            assert_int_equal(ps_host_id_read_from(f->machine_id, f->dir, id), 0);
        }
    assert_true(reached_in_all >= 10);

    file_write(f->machine_id, ID_TEXT);
    uint8_t id[PS_HOST_ID_LEN];
    ps_fault_arm(PS_FAULT_READ, 1, EIO);
    (void)unlink(f->own);
    assert_int_equal(ps_host_id_read_from(f->machine_id, f->dir, id), -EIO); /* not another id for a while */
    ps_fault_arm(PS_FAULT_READ, 0, 0);
    assert_false(exists(f->own));
}

#define dir_test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        dir_test(test_machine_id),
        dir_test(test_no_machine_id),
        dir_test(test_own_file),
        dir_test(test_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
