#include "input/file_error.h"

#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fault.h"

enum { GROUP_BUF = 4096 };

static void access_explain(const char *path, char *buf, size_t n)
{
    struct stat st;
    if (ps_fault(PS_FAULT_STAT) || stat(path, &st) < 0) {
        (void)snprintf(buf, n, "may not be looked at: give the user that postship runs as access to its directory");
        return;
    }
    struct group group, *found = NULL;
    char names[GROUP_BUF];
    if (!(st.st_mode & S_IRGRP))
        (void)snprintf(buf, n,
                       "may not be read: make it readable for a group (mode 0640; `create` in logrotate.conf) "
                       "and put the user that postship runs as into that group");
    else if (getgrgid_r(st.st_gid, &group, names, sizeof names, &found) == 0 && found)
        (void)snprintf(buf, n, "may not be read: put the user that postship runs as into the group \"%s\"",
                       group.gr_name);
    else
        (void)snprintf(buf, n, "may not be read: put the user that postship runs as into the group with the id %lu",
                       (unsigned long)st.st_gid);
}

void ps_file_error_explain(const char *path, int error, char *buf, size_t n)
{
    switch (-error) {
    case EACCES:
    case EPERM:
        access_explain(path, buf, n);
        return;
    case ENOENT:
        (void)snprintf(buf, n,
                       "is not there: waiting for it; where it should be, see whether the mail system logs to "
                       "this path");
        return;
    case EINVAL:
        (void)snprintf(buf, n, "is not a regular file: waiting for one; change `paths`");
        return;
    case EMFILE:
    case ENFILE:
        (void)snprintf(buf, n, "%s: trying again; raise the limit of open files (LimitNOFILE= in the unit)",
                       strerror(-error));
        return;
    case ENOSPC:
        (void)snprintf(buf, n,
                       "no more inotify watches: looking at it from time to time instead; raise "
                       "fs.inotify.max_user_watches (sysctl)");
        return;
    default:
        (void)snprintf(buf, n, "%s: trying again", strerror(-error));
    }
}
