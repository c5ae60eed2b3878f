/* Typed scanners: each looks at the start of s and says how many bytes belong to the value; 0: it isn't there. None
 * reads behind s. */
#pragma once

#include "postship/slice.h"

size_t ps_scan_int(struct ps_slice s);   /* digits, at most 18, no leading zero but for "0" itself */
size_t ps_scan_float(struct ps_slice s); /* digits, perhaps a point and digits */
size_t ps_scan_ip(struct ps_slice s);    /* an IPv4 or IPv6 address, as far as its characters go */
size_t ps_scan_code(struct ps_slice s);  /* "5.7.1" */
size_t ps_scan_word(struct ps_slice s);
size_t ps_scan_token(struct ps_slice s);    /* up to a blank or comma */
size_t ps_scan_run(struct ps_slice s);      /* up to a blank, without a comma before it */
size_t ps_scan_stage(struct ps_slice s);    /* words of letters, '_' and '/', up to "command" or another character */
size_t ps_scan_function(struct ps_slice s); /* "dict_open": lower case, digits, and '_' between them, at least one */
size_t ps_scan_host(struct ps_slice s);     /* up to a blank, comma, semicolon or bracket of any kind */

/* A queue id: short (upper-case hex digits: five of microseconds, then the inode) or long (base 52 without vowels: six
 * and four of time, 'z', the inode in base 51; global/mail_queue.h of Postfix), or NOQUEUE. */
size_t ps_scan_queue_id(struct ps_slice s);

/* An address in Postfix's external form, up to but without its '>'. *ret_n gets its length, which may be 0. False:
 * there is no '>'. */
bool ps_scan_address(struct ps_slice s, size_t *ret_n);
