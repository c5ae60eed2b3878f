#include "parse/tables.h"

/* Cyrus SASL 2.1, saslauthd/saslauthd-main.c, do_auth(); utils.c, logger() puts the function's name in front, filled up
 * to 16 places. The user name and its realm are the client's. What auth_shadow says of a wrong password holds the
 * password's hash: no rule puts it into a field. */
#define WHO "[user={sasl_username}] [service={login_protocol:text}] [realm={login_realm:text}]"

static const struct ps_rule rules[] = {
    {PS_K_LOGIN_FAILED,
     "do_auth         : auth failure: " WHO " [mech={login_backend:text}] [reason={auth_reason:text}]"},
    {PS_K_LOGIN, "do_auth         : auth success: " WHO " [mech={login_backend:text}]"},
    {PS_K_LOGIN, "do_auth         : auth success (cached): " WHO},
    {PS_K_ERROR, "do_auth         : {reason}"},
    {PS_K_DEBUG, "ipc_init        : {reason}"},
    {PS_K_START, "main            : starting {command:text}"},
    {PS_K_STOP, "server_exit     : {reason}"},
    {PS_K_DEBUG, "detach_tty      : {reason}"},
    {PS_K_DEBUG, "DEBUG: auth_pam: {reason}"},
    {PS_K_ERROR, "auth_krb5: {reason}"},
    {PS_K_ERROR, "auth_rimap: {reason}"},
};
const struct ps_rule_table ps_rules_saslauthd = {"- saslauthd", rules, PS_COUNT(rules)};
