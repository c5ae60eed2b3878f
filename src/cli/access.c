#include "cli/access.h"

#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/util.h"

enum { OWNER_MAX = 64, GROUPS_MAX = 1024 };

static const char *user_name(uid_t uid, char buf[OWNER_MAX])
{
    const struct passwd *pw = getpwuid(uid);
    if (pw)
        (void)snprintf(buf, OWNER_MAX, "%s", pw->pw_name);
    else
        (void)snprintf(buf, OWNER_MAX, "%u", (unsigned)uid);
    return buf;
}

static const char *group_name(gid_t gid, char buf[OWNER_MAX])
{
    const struct group *gr = getgrgid(gid);
    if (gr)
        (void)snprintf(buf, OWNER_MAX, "%s", gr->gr_name);
    else
        (void)snprintf(buf, OWNER_MAX, "%u", (unsigned)gid);
    return buf;
}

static bool in_group(gid_t gid)
{
    gid_t groups[GROUPS_MAX];
    int n = getgroups(GROUPS_MAX, groups);
    for (int i = 0; i < n; i++)
        if (groups[i] == gid)
            return true;
    return getegid() == gid;
}

/* What is refused: `verb` to user, `bit` of S_IROTH, S_IWOTH, S_IXOTH in the mode of `path`. */
static void refusal_explain(const char *path, const char *verb, mode_t bit, struct ps_buf *out)
{
    struct stat st;
    char me[OWNER_MAX], owner[OWNER_MAX], group[OWNER_MAX];
    (void)ps_buf_printf(out, "user %s can't %s %s", user_name(geteuid(), me), verb, path);
    if (stat(path, &st) < 0)
        return;
    (void)ps_buf_printf(out, " (%s:%s, mode %04o)", user_name(st.st_uid, owner), group_name(st.st_gid, group),
                        (unsigned)st.st_mode & 07777);
    if (st.st_mode & bit << 3 && !in_group(st.st_gid))
        (void)ps_buf_printf(out, "; add the user to the group %s", group);
    else
        (void)ps_buf_append_str(out, "; give the user, or a group of its own, that right");
}

/* Cuts the last component: false at the top. */
static bool parent_cut(char *path)
{
    char *slash = strrchr(path, '/');
    if (!slash || strcmp(path, "/") == 0)
        return false;
    slash[slash == path ? 1 : 0] = '\0';
    return true;
}

/* The uppermost directory that can't be entered; "" where each can. */
static void closed_directory_find(const char *path, char ret[PATH_MAX])
{
    char at[PATH_MAX];
    (void)snprintf(at, sizeof at, "%s", path);
    ret[0] = '\0';
    while (parent_cut(at))
        if (access(at, X_OK) < 0 && errno == EACCES)
            (void)snprintf(ret, PATH_MAX, "%s", at);
}

void ps_access_read_explain(const char *path, struct ps_buf *out)
{
    struct stat st;
    char closed[PATH_MAX];
    closed_directory_find(path, closed);
    if (closed[0])
        refusal_explain(closed, "enter", S_IXOTH, out);
    else if (access(path, R_OK) < 0 && errno == EACCES)
        refusal_explain(path, "read", S_IROTH, out);
    else if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
        (void)ps_buf_printf(out, "%s is a directory", path);
}

void ps_access_directory_explain(const char *path, struct ps_buf *out)
{
    char at[PATH_MAX];
    (void)snprintf(at, sizeof at, "%s", path);
    while (access(at, F_OK) < 0 && errno == ENOENT)
        if (!parent_cut(at))
            return;
    struct stat st;
    if (stat(at, &st) == 0 && !S_ISDIR(st.st_mode))
        (void)ps_buf_printf(out, "%s is not a directory", at);
    else if (access(at, W_OK | X_OK) < 0 && errno == EACCES)
        refusal_explain(at, "write to", S_IWOTH, out);
}
