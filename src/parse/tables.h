/* What postship knows of each daemon: constant tables, one file a family. */
#pragma once

#include "base/util.h"
#include "parse/grammar.h"

extern const struct ps_rule_table ps_rules_smtpd;
extern const struct ps_rule_table ps_rules_cleanup;
extern const struct ps_rule_table ps_rules_qmgr;
extern const struct ps_rule_table ps_rules_delivery;
extern const struct ps_rule_table ps_rules_anvil;
extern const struct ps_rule_table ps_rules_said;
extern const struct ps_rule_table ps_rules_dovecot_login;
extern const struct ps_rule_table ps_rules_dovecot_request;
extern const struct ps_rule_table ps_rules_dovecot_lookup;
extern const struct ps_rule_table ps_rules_dovecot_mail;
extern const struct ps_rule_table ps_rules_dovecot_master;
extern const struct ps_rule_table ps_rules_dovecot_levels; /* behind all others of Dovecot */
extern const struct ps_rule_table ps_rules_dovecot_debug;

extern const struct ps_rule_list ps_list_sasl;
extern const struct ps_rule_list ps_list_session;
extern const struct ps_rule_list ps_list_commands;
extern const struct ps_rule_list ps_list_delivery;
extern const struct ps_rule_list ps_list_login;
extern const struct ps_rule_list ps_list_imap;

/* All of the above, as ps_grammar_new wants them. */
extern const struct ps_rule_table *const ps_rule_tables[];
extern const size_t ps_rule_tables_n;
extern const struct ps_rule_list *const ps_rule_lists[];
extern const size_t ps_rule_lists_n;
