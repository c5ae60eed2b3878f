#include "parse/tables.h"

/* tls/tls_misc.c, tls_log_summary(): OpenSSL's words; a key's type may have its curve or bits behind it. */
static const char *const tls_elements[] = {
    "with cipher {tls_cipher:token} ({tls_cipher_bits}/{tls_cipher_size} bits)",
    "key-exchange {tls_key_exchange:text}",
    "server-signature {tls_signature:text}",
    "server-digest {tls_digest:text}",
    "client-signature {tls_client_signature:text}",
    "client-digest {tls_client_digest:text}",
};
const struct ps_rule_list ps_list_tls = {"tls", " ", tls_elements, PS_COUNT(tls_elements)};

#define SERVER_SUMMARY(session)                                                                                        \
    {PS_K_TLS, "{tls_trust:word} TLS connection {tls_session=" session "} from {client}: {tls_version} {tls}"},        \
    {                                                                                                                  \
        PS_K_TLS, "{tls_trust:word} TLS connection {tls_session=" session                                              \
                  "} from {client} to {tls_sni:word}: {tls_version} {tls}"                                             \
    }
#define CLIENT_SUMMARY(session)                                                                                        \
    {                                                                                                                  \
        PS_K_TLS, "{tls_trust:word} TLS connection {tls_session=" session "} to {relay}: {tls_version} {tls}"          \
    }

/* Names in certificates and SNI are the remote party's. */
static const struct ps_rule server_rules[] = {
    SERVER_SUMMARY("established"),
    SERVER_SUMMARY("reused"),
    /* tls/tls_server.c */
    {PS_K_TLS_FAILED, "SSL_accept error from {client}: {tls_error:text}"},
    {PS_K_DEBUG, "{client}: subject_CN={tls_peer_subject:text}, issuer={tls_peer_issuer:text}, "
                 "fingerprint={tls_peer_fingerprint:token}, pkey_fingerprint={tls_peer_key_fingerprint:token}"},
    /* tls/tls_misc.c, server_sni_callback() */
    {PS_K_TLS_FAILED, "warning: TLS SNI from {client} is {tls_error=invalid}: {tls_sni:text}"},
    {PS_K_TLS_FAILED, "warning: {tls_error=TLS SNI changed} from {client} initially {tls_sni}, {tls_detail:text}"},
    {PS_K_DEBUG, "TLS SNI {tls_sni} from {client} {tls_detail=not matched}, using default chain"},
};
const struct ps_rule_table ps_rules_tls_server = {"smtpd tlsproxy", server_rules, PS_COUNT(server_rules)};

static const struct ps_rule client_rules[] = {
    CLIENT_SUMMARY("established"),
    CLIENT_SUMMARY("reused"),
    /* tls/tls_client.c */
    {PS_K_TLS_FAILED, "SSL_connect error to {relay}: {tls_error:text}"},
    {PS_K_DEBUG, "{relay}: subject_CN={tls_peer_subject:text}, issuer_CN={tls_peer_issuer:text}, "
                 "fingerprint={tls_peer_fingerprint:token}, pkey_fingerprint={tls_peer_key_fingerprint:token}"},
    {PS_K_TLS_FAILED, "warning: {relay}: {tls_error=all TLSA records unusable}"},
    {PS_K_TLS_FAILED, "warning: {relay}: {tls_error=all TLSA records unusable}, fallback to unauthenticated TLS"},
    {PS_K_TLS_FAILED, "warning: {relay}: {tls_error=all fingerprints unusable}"},
    {PS_K_TLS_FAILED, "warning: {relay}: {tls_error=all trust anchors unusable}"},
};
const struct ps_rule_table ps_rules_tls_client = {"smtp lmtp tlsproxy", client_rules, PS_COUNT(client_rules)};

/* What both sides print with the peer that they talk to: tls/tls_verify.c, tls_log_verify_error() and tls_text_name().
 */
#define VERIFY_RULES(peer, whose)                                                                                      \
    {PS_K_TLS_FAILED, "certificate verification failed for {" peer "}: {tls_error=untrusted issuer} "                  \
                      "{tls_peer_issuer:text}"},                                                                       \
        {PS_K_TLS_FAILED, "certificate verification failed for {" peer "}: {tls_error:text}"},                         \
        {PS_K_TLS_FAILED, "CA certificate verification failed for {" peer "}: {tls_error:text}"},                      \
        {PS_K_TLS_FAILED, whose " certificate verification failed for {" peer "}: {tls_error:text}"},                  \
        {PS_K_WARNING, "warning: tls_text_name: {" peer "}: {tls_error:text}"},                                        \
    {                                                                                                                  \
        PS_K_TLS_FAILED, "SSL_set_fd error to {" peer "}"                                                              \
    }

static const struct ps_rule server_verify_rules[] = {VERIFY_RULES("client", "client")};
const struct ps_rule_table ps_rules_tls_server_verify = {"smtpd", server_verify_rules, PS_COUNT(server_verify_rules)};

static const struct ps_rule client_verify_rules[] = {VERIFY_RULES("relay", "server")};
const struct ps_rule_table ps_rules_tls_client_verify = {"smtp lmtp tlsproxy", client_verify_rules,
                                                         PS_COUNT(client_verify_rules)};

/* tls/tls_misc.c, tls_print_errors(): OpenSSL's own words, on lines of their own */
static const struct ps_rule library_rules[] = {
    {PS_K_TLS_FAILED, "warning: TLS library problem: {tls_error:text}"},
};
const struct ps_rule_table ps_rules_tls_library = {"smtpd smtp lmtp tlsproxy postscreen tlsmgr", library_rules,
                                                   PS_COUNT(library_rules)};
