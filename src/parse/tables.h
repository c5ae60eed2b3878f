/* What postship knows of each daemon: constant tables, one file a family. */
#pragma once

#include "base/util.h"
#include "parse/grammar.h"

/* All programs of Postfix, for what its libraries print. */
#define PS_POSTFIX_PROGRAMS                                                                                            \
    "anvil bounce cleanup defer discard dnsblog error flush lmtp local master nqmgr oqmgr pickup pipe postalias "      \
    "postcat postconf postdrop postfix postfix-script postfix-tls-script postfix-wrapper post-install postkick "       \
    "postlock postlog postlogd postmap postmulti postmulti-script postqueue postscreen postsuper proxymap proxywrite " \
    "qmgr qmqpd retry scache sendmail showq smtp smtpd spawn tlsmgr tlsproxy trace "                                   \
    "trivial-rewrite verify virtual"

extern const struct ps_rule_table ps_rules_smtpd;
extern const struct ps_rule_table ps_rules_smtpd_warning;
extern const struct ps_rule_table ps_rules_service;
extern const struct ps_rule_table ps_rules_tls_server;
extern const struct ps_rule_table ps_rules_tls_client;
extern const struct ps_rule_table ps_rules_tls_server_verify;
extern const struct ps_rule_table ps_rules_tls_client_verify;
extern const struct ps_rule_table ps_rules_tls_library;
extern const struct ps_rule_table ps_rules_cleanup;
extern const struct ps_rule_table ps_rules_checks;
extern const struct ps_rule_table ps_rules_postscreen;
extern const struct ps_rule_table ps_rules_dnsblog;
extern const struct ps_rule_table ps_rules_tlsproxy;
extern const struct ps_rule_table ps_rules_pickup;
extern const struct ps_rule_table ps_rules_qmgr;
extern const struct ps_rule_table ps_rules_bounce;
extern const struct ps_rule_table ps_rules_verify;
extern const struct ps_rule_table ps_rules_scache;
extern const struct ps_rule_table ps_rules_client;
extern const struct ps_rule_table ps_rules_agent;
extern const struct ps_rule_table ps_rules_delivery;
extern const struct ps_rule_table ps_rules_anvil;
extern const struct ps_rule_table ps_rules_opendkim;
extern const struct ps_rule_table ps_rules_opendmarc;
extern const struct ps_rule_table ps_rules_postgrey;
extern const struct ps_rule_table ps_rules_policyd_spf;
extern const struct ps_rule_table ps_rules_policy_spf;
extern const struct ps_rule_table ps_rules_postsrsd;
extern const struct ps_rule_table ps_rules_amavis;
extern const struct ps_rule_table ps_rules_rspamd;
extern const struct ps_rule_table ps_rules_spamd;
extern const struct ps_rule_table ps_rules_clamav;
extern const struct ps_rule_table ps_rules_saslauthd;
extern const struct ps_rule_table ps_rules_said;
extern const struct ps_rule_table ps_rules_master;
extern const struct ps_rule_table ps_rules_script;
extern const struct ps_rule_table ps_rules_postfix;
extern const struct ps_rule_table ps_rules_postsuper;
extern const struct ps_rule_table ps_rules_submission;
extern const struct ps_rule_table ps_rules_postmap;
extern const struct ps_rule_table ps_rules_tlsmgr;
extern const struct ps_rule_table ps_rules_qmqpd;
extern const struct ps_rule_table ps_rules_table_error;
extern const struct ps_rule_table ps_rules_config_error;
extern const struct ps_rule_table ps_rules_debug;
extern const struct ps_rule_table ps_rules_severity;
extern const struct ps_rule_table ps_rules_dovecot_login;
extern const struct ps_rule_table ps_rules_dovecot_request;
extern const struct ps_rule_table ps_rules_dovecot_lookup;
extern const struct ps_rule_table ps_rules_dovecot_mail;
extern const struct ps_rule_table ps_rules_dovecot_master;
extern const struct ps_rule_table ps_rules_dovecot_levels; /* behind all others of Dovecot */
extern const struct ps_rule_table ps_rules_dovecot_debug;

extern const struct ps_rule_list ps_list_sasl;
extern const struct ps_rule_list ps_list_session;
extern const struct ps_rule_list ps_list_screen;
extern const struct ps_rule_list ps_list_envelope;
extern const struct ps_rule_list ps_list_commands;
extern const struct ps_rule_list ps_list_delivery;
extern const struct ps_rule_list ps_list_amavis;
extern const struct ps_rule_list ps_list_rspamd;
extern const struct ps_rule_list ps_list_spamd;
extern const struct ps_rule_list ps_list_tls;
extern const struct ps_rule_list ps_list_login;
extern const struct ps_rule_list ps_list_imap;

/* All of the above, as ps_grammar_new wants them. */
extern const struct ps_rule_table *const ps_rule_tables[];
extern const size_t ps_rule_tables_n;
extern const struct ps_rule_list *const ps_rule_lists[];
extern const size_t ps_rule_lists_n;
