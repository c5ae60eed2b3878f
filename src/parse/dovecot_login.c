#include "parse/tables.h"

/* login-common/client-common.c, client_get_log_str(): login_log_format_elements behind the user, empty ones left out;
 * "%k" in the elements of an administrator gives the cipher. */
static const char *const login_elements[] = {
    "method={login_method:token}",
    "rip={client_ip}",
    "lip={server_ip}",
    "rport={client_port}",
    "lport={server_port}",
    "mpid={mail_pid}",
    "{tls_state=TLS handshaking}: {tls_error:text}",
    "{tls_state=TLS handshaking}",
    "{tls_state=TLS}: {tls_error:text}",
    "{tls_state=TLS}",
    "{tls_state=secured}",
    "{tls_version=TLSv1.3} with cipher {tls_cipher} ({tls_cipher_bits}/{tls_cipher_bits} bits)",
    "{tls_version=TLSv1.2} with cipher {tls_cipher} ({tls_cipher_bits}/{tls_cipher_bits} bits)",
    "session=<{login_session:address}>",
};
const struct ps_rule_list ps_list_login = {"login", ", ", login_elements, PS_COUNT(login_elements)};

/* The user is the remote party's; what stands in front of it is not. */
#define USER ": user=<{login_user:text}>, {login}"

/* login-common/client-common.c, client_get_extra_disconnect_reason() and client_destroy(). The reason in front of the
 * parenthesis may hold others, those in it do not. `behind` is the word for the reason that 2.4 adds. */
#define ENDS(before, behind)                                                                                           \
    {PS_K_LOGIN_ABORTED, before "({auth_reason=no auth attempts} in {login_seconds} secs)" behind USER},               \
        {PS_K_LOGIN_ABORTED, before "({auth_reason=aborted authentication})" behind USER},                             \
        {PS_K_LOGIN_ABORTED, before "({auth_reason:first}, waited {login_seconds} secs)" behind USER},                 \
        {PS_K_LOGIN_FAILED,                                                                                            \
         before "({auth_reason=auth failed}, {login_attempts} attempts in {login_seconds} secs)" behind USER},         \
        {PS_K_LOGIN_FAILED, before                                                                                     \
         "({auth_reason=authorization failed}, {login_attempts} attempts in {login_seconds} secs)" behind USER},       \
        {PS_K_LOGIN_FAILED, before "({auth_reason=internal failure}, {count} successful auths)" behind USER},          \
    {                                                                                                                  \
        PS_K_LOGIN_FAILED, before "({auth_reason:first})" behind USER                                                  \
    }

static const struct ps_rule rules[] = {
    {PS_K_LOGIN, "Login" USER},
    {PS_K_LOGIN, "Logged in" USER}, /* 2.4 */
    ENDS("Disconnected: {reason:first} ", ""),
    ENDS("Login aborted: {reason:first} ", " ({reason_code})"), /* 2.4 */
    ENDS("{reason:first} ", ""),                                /* "Disconnected (…)", "Aborted login (…)" */
    {PS_K_LOGIN_ABORTED, "Disconnected: {reason:first}" USER},
    {PS_K_LOGIN_ABORTED, "Login aborted: {reason:first}" USER},
    /* client-common-auth.c: said to the client in clear text */
    {PS_K_LOGIN_FAILED, "Login failed: {auth_reason:first}" USER},
    /* login-common/client-common-auth.c, proxy */
    {PS_K_WARNING, "warning: {reason:first}" USER},
    {PS_K_ERROR, "error: {reason:first}" USER},
};
const struct ps_rule_table ps_rules_dovecot_login = {"- dovecot-login", rules, PS_COUNT(rules)};
