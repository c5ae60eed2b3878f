/* transform/reason.h: replies as mail servers give them, and their class. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/util.h"
#include "support/guard.h"
#include "transform/reason.h"

/* The text begins with the reply's codes, as it stands in a log; what a delivery agent says itself has the status of
 * the line's dsn= in `enhanced`. */
static const struct {
    const char *text;
    const char *class;
    const char *enhanced;
} replies[] = {
    /* Gmail */
    {"550-5.1.1 The email account that you tried to reach does not exist. Please try 550-5.1.1 double-checking the "
     "recipient's email address for typos or 550-5.1.1 unnecessary spaces. For more information, go to 550 5.1.1 "
     "https://support.example.net/mail/?p=NoSuchUser a1-20020a05si123.45 - gsmtp",
     "user_unknown", NULL},
    {"550-5.2.1 The email account that you tried to reach is inactive. For more information, go to 550 5.2.1 "
     "https://support.example.net/mail/?p=DisabledUser x1si1.2 - gsmtp",
     "mailbox_disabled", NULL},
    {"552-5.2.2 The recipient's inbox is out of storage space and inactive. Please direct the recipient to 552 5.2.2 "
     "https://support.example.net/mail/?p=OverQuotaPerm x1si1.2 - gsmtp",
     "mailbox_full", NULL},
    {"452-4.2.2 The recipient's inbox is out of storage space. Please direct the recipient to 452 4.2.2 "
     "https://support.example.net/mail/?p=OverQuotaTemp x1si1.2 - gsmtp",
     "mailbox_full", NULL},
    {"450-4.2.1 The user you are trying to contact is receiving email at a rate that prevents additional messages from "
     "being delivered. Please resend your 450-4.2.1 message at a later time. x1si1.2 - gsmtp",
     "rate_limited", NULL},
    {"550-5.2.1 The user you are trying to contact is receiving email at a rate 550-5.2.1 that prevents additional "
     "messages from being delivered. 550 5.2.1 x1si1.2 - gsmtp",
     "rate_limited", NULL},
    {"421-4.7.28 Gmail has detected an unusual rate of unsolicited mail originating from your IP address. To protect "
     "our users from spam, mail sent from your IP address has been temporarily rate limited. x1si1.2 - gsmtp",
     "rate_limited", NULL},
    {"421-4.7.0 [192.0.2.7      15] Our system has detected that this message is suspicious due to the very low "
     "reputation of the sending IP address. 421 4.7.0 x1si1.2 - gsmtp",
     "reputation", NULL},
    {"550-5.7.1 [192.0.2.7      12] Our system has detected that this message is likely unsolicited mail. To reduce "
     "the "
     "amount of spam sent to Gmail, this message has been 550 5.7.1 blocked. x1si1.2 - gsmtp",
     "spam_content", NULL},
    {"550-5.7.1 [192.0.2.7      19] Our system has detected that this message is likely suspicious due to the very low "
     "reputation of the sending domain. 550 5.7.1 x1si1.2 - gsmtp",
     "reputation", NULL},
    {"550-5.7.26 This mail has been blocked because the sender is unauthenticated. Gmail requires all senders to "
     "authenticate with either SPF or DKIM. 550 5.7.26 x1si1.2 - gsmtp",
     "authentication", NULL},
    {"550-5.7.26 Unauthenticated email from example.org is not accepted due to domain's DMARC policy. 550 5.7.26 x - "
     "gsmtp",
     "authentication", NULL},
    {"421-4.7.27 Your email has been rate limited because SPF authentication didn't pass for this message. x - gsmtp",
     "rate_limited", NULL},
    {"550-5.7.27 This mail has been blocked because SPF does not pass. x - gsmtp", "authentication", NULL},
    {"550-5.7.30 Your email has been blocked because DKIM authentication didn't pass for this message. x - gsmtp",
     "authentication", NULL},
    {"550-5.7.25 [192.0.2.7] The IP address sending this message does not have a PTR record setup, or the "
     "corresponding forward DNS entry does not point to the sending IP. x - gsmtp",
     "policy", NULL},
    {"552-5.7.0 This message was blocked because its content presents a potential 552-5.7.0 security issue. 552 5.7.0 "
     "x - gsmtp",
     "spam_content", NULL},
    {"552 5.3.4 Your message exceeded Google's message size limits. x - gsmtp", "size_exceeded", NULL},
    {"452 4.5.3 Your message has too many recipients. x - gsmtp", "rate_limited", NULL},
    {"550 5.4.5 Daily user sending limit exceeded. x - gsmtp", "rate_limited", NULL},
    {"530-5.7.0 Authentication Required. For more information, go to 530 5.7.0 https://support.example.net/ x - gsmtp",
     "authentication", NULL},
    {"535-5.7.8 Username and Password not accepted. For more information, go to 535 5.7.8 x - gsmtp", "authentication",
     NULL},
    {"451 4.3.0 Mail server temporarily rejected message. x - gsmtp", "other", NULL},
    {"553-5.1.3 The recipient address <a b@example.net> is not a valid RFC 5321 address. x - gsmtp", "protocol", NULL},
    {"421 4.7.0 TLS required for RCPT domain, closing connection. x - gsmtp", "tls_failed", NULL},
    {"550 5.7.1 Invalid credentials for relay [192.0.2.7]. The IP address you've registered doesn't match. x - gsmtp",
     "relay_denied", NULL},

    /* Microsoft: Outlook.com and Exchange Online */
    {"550 5.5.0 Requested action not taken: mailbox unavailable (S2017062302). [AB1.example.net]", "user_unknown",
     NULL},
    {"550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient b@example.net not found by SMTP address lookup",
     "user_unknown", NULL},
    {"550 5.4.1 Recipient address rejected: Access denied. AS(201806281) [AB1.example.net]", "user_unknown", NULL},
    {"550 5.4.1 [b@example.net]: Recipient address rejected: Access denied [AB1.example.net]", "user_unknown", NULL},
    {"550 5.1.1 RESOLVER.ADR.ExRecipNotFound; not found", "user_unknown", NULL},
    {"550 5.7.1 Unfortunately, messages from [192.0.2.7] weren't sent. Please contact your Internet service provider "
     "since part of their network is on our block list (S3150). [AB1.example.net]",
     "blocklisted", NULL},
    {"550 5.7.606 Access denied, banned sending IP [192.0.2.7]. To request removal from this list please visit "
     "https://sender.example.net/ AS(1410)",
     "blocklisted", NULL},
    {"550 5.7.511 Access denied, banned sender[192.0.2.7].", "blocklisted", NULL},
    {"451 4.7.650 The mail server [192.0.2.7] has been temporarily rate limited due to IP reputation. (S775)",
     "rate_limited", NULL},
    {"451 4.7.500 Server busy. Please try again later from [192.0.2.7]. (S77719) AS(16012609)", "rate_limited", NULL},
    {"550 5.7.515 Access denied, sending domain example.org does not meet the required authentication level.",
     "authentication", NULL},
    {"550 5.7.509 Access denied, sending domain example.org does not pass DMARC verification and has a DMARC policy of "
     "reject.",
     "authentication", NULL},
    {"550 5.7.23 The message was rejected because of Sender Policy Framework violation", "authentication", NULL},
    {"550 5.7.64 TenantAttribution; Relay Access Denied [AB1.example.net]", "relay_denied", NULL},
    {"550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain", "relay_denied", NULL},
    {"530 5.7.57 Client not authenticated to send mail. [AB1.example.net]", "authentication", NULL},
    {"550 5.7.708 Service unavailable. Access denied, traffic not accepted from this IP. AS(7230)", "reputation", NULL},
    {"550 5.7.501 Service unavailable. Spam abuse detected. AS(1234)", "spam_content", NULL},
    {"550 5.1.8 Access denied, bad outbound sender AS(42004)", "spam_content", NULL},
    {"452 4.5.3 Too many recipients AS(16012609)", "rate_limited", NULL},
    {"554 5.2.2 mailbox full; STOREDRV.Deliver.Exception:QuotaExceededException.MapiExceptionShutoffQuotaExceeded",
     "mailbox_full", NULL},
    {"432 4.3.2 STOREDRV; mailbox server is too busy; recipient thread limit exceeded", "rate_limited", NULL},
    {"550 5.2.121 RESOLVER.ADR.RecipientLimitExceeded; recipient's per hour message receive limit exceeded",
     "rate_limited", NULL},
    {"550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup; authentication required", "policy", NULL},
    {"550 5.7.129 RESOLVER.RST.RestrictedToRecipientsPermission; not authorized", "policy", NULL},
    {"554 5.4.14 Hop count exceeded - possible mail loop ATTR34 [AB1.example.net]", "loop", NULL},
    {"552 5.3.4 Message size exceeds fixed maximum message size", "size_exceeded", NULL},
    {"550 5.7.1 Service unavailable, Client host [192.0.2.7] blocked using Spamhaus. To request removal from this list "
     "see https://www.example.org/query/ip/192.0.2.7 AS(1450)",
     "blocklisted", NULL},
    {"450 4.4.312 DNS query failed; no records", "dns_failure", NULL},
    {"421 RP-001 (AB1) Unfortunately, some messages from 192.0.2.7 weren't sent. Please try again. The mail server IP "
     "connecting to Outlook.com has exceeded the rate limit allowed.",
     "rate_limited", NULL},
    {"550 SC-001 (AB1) Unfortunately, messages from 192.0.2.7 weren't sent. For reasons related to the content with "
     "spam-like characteristics or IP/domain reputation",
     "spam_content", NULL},
    {"550 DY-001 (AB1) Unfortunately, messages from 192.0.2.7 weren't sent. The sending IP is a dynamic IP.",
     "reputation", NULL},

    /* Yahoo and AOL */
    {"554 delivery error: dd This user doesn't have a yahoo.example account (b@example.net) [-9] - mta1.example.net",
     "user_unknown", NULL},
    {"554 30 Sorry, your message to b@example.net cannot be delivered. This mailbox is disabled (554.30).",
     "mailbox_disabled", NULL},
    {"552 1 Requested mail action aborted, mailbox not found", "user_unknown", NULL},
    {"421 4.7.0 [TSS04] Messages from 192.0.2.7 temporarily deferred due to unexpected volume or user complaints - "
     "4.16.55.1; see https://postmaster.example.net/error-codes",
     "rate_limited", NULL},
    {"553 5.7.1 [BL21] Connections will not be accepted from 192.0.2.7, because the ip is in Spamhaus's list; see "
     "https://postmaster.example.net/550-bl23",
     "blocklisted", NULL},
    {"421 4.7.1 [TS03] All messages from 192.0.2.7 will be permanently deferred; Retrying will NOT succeed. See "
     "https://postmaster.example.net/421-ts03.html",
     "reputation", NULL},
    {"554 5.7.9 Message not accepted for policy reasons. See https://postmaster.example.net/error-codes", "policy",
     NULL},
    {"554 5.7.5 (AU02) Message not accepted due to domain's DMARC policy", "authentication", NULL},
    {"451 4.3.2 Internal error reading data", "other", NULL},
    {"452 too many recipients, please retry", "rate_limited", NULL},
    {"554 Message not allowed - [PH01] Email not accepted for policy reasons. Please visit https://example.net/",
     "policy", NULL},
    {"521 5.2.1 :  (CON:B1)  https://postmaster.example.net/smtp-error-codes#554conb1", "mailbox_disabled", NULL},

    /* Apple */
    {"550 5.1.1 <b@example.net>: user does not exist", "user_unknown", NULL},
    {"552 5.2.2 <b@example.net>: user is over quota", "mailbox_full", NULL},
    {"550 5.7.0 Blocked - see https://support.example.com/cas/ip=192.0.2.7", "policy", NULL},
    {"554 5.7.1 [CS01] Message rejected due to local policy. Please visit https://support.example.com/", "policy",
     NULL},
    {"554 5.7.1 [HM08] Message rejected due to local policy. Please visit https://support.example.com/", "policy",
     NULL},
    {"421 4.7.1 Service unavailable; client [192.0.2.7] blocked using proofpoint dynamic reputation", "reputation",
     NULL},

    /* GMX, web.de, Telekom and others in Germany */
    {"554-gmx.example (mxgmx101) Nemesis ESMTP Service not available 554-No SMTP service 554-IP address is block "
     "listed. 554 For explanation visit https://postmaster.example.net/error-messages?ip=192.0.2.7&c=bl",
     "blocklisted", NULL},
    {"550-Requested action not taken: mailbox unavailable 550 For explanation visit https://postmaster.example.net/",
     "user_unknown", NULL},
    {"554-Transaction failed 554-Reject due to policy restrictions. 554 For explanation visit "
     "https://postmaster.example.net/en/case?c=hi",
     "policy", NULL},
    {"554-No SMTP service 554-Bad DNS PTR resource record. 554 For explanation visit https://postmaster.example.net/",
     "policy", NULL},
    {"450-Requested mail action not taken: mailbox unavailable 450-Mail rate limit exceeded. 450 For explanation visit "
     "https://postmaster.example.net/",
     "rate_limited", NULL},
    {"421-gmx.example Service closing transmission channel 421-too many connections from your IP 421 visit example.net",
     "rate_limited", NULL},
    {"552-Requested mail action aborted: exceeded storage allocation 552-Quota exceeded. The recipient's mailbox is "
     "full. 552 visit https://postmaster.example.net/",
     "mailbox_full", NULL},
    {"554 IP=192.0.2.7 - A problem occurred. (Ask your postmaster for help or to contact tosa@example.net to clarify.) "
     "(BL)",
     "other", NULL},

    /* Mail.ru, Yandex */
    {"550 Message was not accepted -- invalid mailbox. Local mailbox b@example.net is unavailable: user not found",
     "user_unknown", NULL},
    {"550 Message was not accepted -- invalid mailbox. Local mailbox b@example.net is unavailable: account is disabled",
     "mailbox_disabled", NULL},
    {"550 spam message rejected. Please visit https://help.example.net/notspam-support/id?c=abc", "spam_content", NULL},
    {"451 Ratelimit exceeded for mailbox b@example.net", "rate_limited", NULL},
    {"550 5.7.1 No such user!", "user_unknown", NULL},
    {"451 4.7.1 Sorry, the service is currently unavailable. Please come back later.", "policy", NULL},
    {"554 5.7.1 [1] Message rejected under suspicion of SPAM; https://ya.example/1IIbc 1234-abc", "spam_content", NULL},
    {"552 5.2.2 Mailbox size limit exceeded", "mailbox_full", NULL},

    /* QQ, 163 and others in China */
    {"550 Mailbox unavailable or access denied [MAbc IP: 192.0.2.7]. https://service.example.com/detail/122/1",
     "user_unknown", NULL},
    {"550 Mail content denied [abc IP: 192.0.2.7]. http://service.example.com/cgi-bin/help?id=20022", "spam_content",
     NULL},
    {"550 Connection frequency limited [abc IP: 192.0.2.7]", "rate_limited", NULL},
    {"550 Domain frequency limited [abc IP: 192.0.2.7]. http://service.example.com/", "rate_limited", NULL},
    {"550 Suspected bounce attacks [abc IP: 192.0.2.7]", "spam_content", NULL},
    {"550 SPF check failed [abc IP: 192.0.2.7]", "authentication", NULL},
    {"550 DMARC check failed [abc IP: 192.0.2.7]", "authentication", NULL},
    {"554 DT:SPM mx1,abc 1234 please see http://mail.example.com/help/help_spam_16.htm?ip=192.0.2.7", "spam_content",
     NULL},
    {"550 MI:IMF mx1,abc the sending frequency is too high", "rate_limited", NULL},
    {"550 User not found: b@example.net", "user_unknown", NULL},
    {"550 User suspended abc 1234", "mailbox_disabled", NULL},

    /* Proofpoint, Mimecast, Barracuda, Cisco, Trend Micro, Symantec, Sophos */
    {"554 Blocked - see https://ipcheck.proofpoint.com/?ip=192.0.2.7", "reputation", NULL},
    {"550 5.7.0 Local Policy Violation", "policy", NULL},
    {"554 5.7.1 Message blocked by Proofpoint: spam", "spam_content", NULL},
    {"550 5.1.1 User Unknown", "user_unknown", NULL},
    {"452 4.1.0 requested action aborted: try again later (pp)", "other", NULL},
    {"451 Internal resource temporarily unavailable - https://community.example.com/docs/451#451 [abc.uk1]",
     "greylisted", NULL},
    {"550 Administrative prohibition - envelope blocked - https://community.example.com/docs/550 [abc.uk1]", "policy",
     NULL},
    {"554 Email rejected due to security policies - https://community.example.com/docs/554 [abc.uk1]", "policy", NULL},
    {"550 Invalid Recipient - https://community.example.com/docs/550#550 [abc.uk1]", "user_unknown", NULL},
    {"550 Rejected by header based manually Blocked Senders: b@example.net [abc]", "blocklisted", NULL},
    {"550 csi.mimecast.org Poor Reputation Sender. - https://community.example.com/docs/550 [abc]", "reputation", NULL},
    {"550 permanent failure for one or more recipients (b@example.net:blocked)", "policy", NULL},
    {"554 Service unavailable; Client host [mail.example.org] blocked using Barracuda Reputation; "
     "http://www.example.net/q.cgi?ip=192.0.2.7",
     "reputation", NULL},
    {"554 Service unavailable; Client host [192.0.2.7] blocked by bl.spamcop.example; Blocked - see "
     "https://www.example.net/bl.shtml?192.0.2.7",
     "blocklisted", NULL},
    {"550 5.7.1 Message rejected as spam by Content Filtering.", "spam_content", NULL},
    {"554-mx.example.net 554 Your access to this mail system has been rejected due to the sending MTA's poor "
     "reputation. If you believe that this failure is in error, please contact the intended recipient.",
     "reputation", NULL},
    {"554 5.7.1 The message from (<a@example.org>) with the subject of (x) matches a profile the Internet community "
     "may "
     "consider spam. Please revise your message before resending.",
     "spam_content", NULL},
    {"550 5.7.1 Service unavailable; Client host [192.0.2.7] blocked using Trend Micro RBL+. Please see "
     "http://www.example.net/ers/?ip_address=192.0.2.7",
     "blocklisted", NULL},
    {"450 4.7.1 Service temporarily unavailable; Client host [192.0.2.7] blocked using Trend Micro Email Reputation "
     "Service.",
     "reputation", NULL},
    {"501 Connection rejected by policy [7.7] 1234, please visit https://www.example.net/ for more details", "policy",
     NULL},
    {"554 5.7.1 virus Eicar-Test-Signature detected by ClamAV", "spam_content", NULL},

    /* block lists as receivers quote them */
    {"554 5.7.1 Service unavailable; Client host [192.0.2.7] blocked using zen.spamhaus.org; "
     "https://www.spamhaus.org/query/ip/192.0.2.7",
     "blocklisted", NULL},
    {"550 5.7.1 Service unavailable; client [192.0.2.7] blocked using b.barracudacentral.org", "blocklisted", NULL},
    {"554 5.7.1 Service unavailable; Client host [192.0.2.7] blocked using zen.example; "
     "https://www.example/query/ip/192.0.2.7",
     "blocklisted", NULL},
    {"550 5.7.1 Service unavailable; client [192.0.2.7] blocked using zen.example", "blocklisted", NULL},
    {"554 5.4.0 Error: too many hops", "loop", NULL},
    {"554 5.4.0 hopcount exceeded", "loop", NULL},
    {"554 5.7.1 Service unavailable; Sender address [a@example.org] blocked using dbl.spamhaus.org", "blocklisted",
     NULL},
    {"550-\"JunkMail rejected - mail.example.org [192.0.2.7]:1234 is in an RBL on rbl.example.net", "blocklisted",
     NULL},
    {"550 192.0.2.7 is listed at bl.example.net (127.0.0.2: see http://example.net)", "blocklisted", NULL},
    {"550 5.7.1 Your IP 192.0.2.7 is in our blacklist", "blocklisted", NULL},
    {"554 5.7.1 Rejected: 192.0.2.7 found in dnsbl.sorbs.example", "blocklisted", NULL},
    {"550 Blocked by UCEPROTECT-Level 1; see http://www.example.net/rblcheck.php?ipr=192.0.2.7", "blocklisted", NULL},

    /* Postfix as the remote, and our own rejects */
    {"550 5.1.1 <b@example.org>: Recipient address rejected: User unknown in virtual mailbox table", "user_unknown",
     NULL},
    {"450 4.1.1 <b@example.org>: Recipient address rejected: User unknown in local recipient table (try later)",
     "user_unknown", NULL},
    {"550 5.1.0 <a@example.org>: Sender address rejected: User unknown in local recipient table", "user_unknown", NULL},
    {"554 5.7.1 <b@example.net>: Relay access denied", "relay_denied", NULL},
    {"454 4.7.1 <b@example.net>: Relay access denied", "relay_denied", NULL},
    {"450 4.2.0 <b@example.org>: Recipient address rejected: Greylisted, see http://postgrey.example.net/help/",
     "greylisted", NULL},
    {"450 4.7.1 <b@example.org>: Recipient address rejected: Greylisting in action, please come back in 00:05:00",
     "greylisted", NULL},
    {"450 4.1.1 <b@example.org>: Recipient address rejected: unverified address: Address verification in progress",
     "greylisted", NULL},
    {"550 5.1.1 <b@example.org>: Recipient address rejected: undeliverable address: host mx.example.net[192.0.2.9] "
     "said: 550 5.1.1 User unknown (in reply to RCPT TO command)",
     "user_unknown", NULL},
    {"450 4.1.8 <a@nx.example>: Sender address rejected: Domain not found", "dns_failure", NULL},
    {"550 5.1.2 <b@nx.example>: Recipient address rejected: Domain not found", "dns_failure", NULL},
    {"450 4.7.25 Client host rejected: cannot find your hostname, [192.0.2.7]", "policy", NULL},
    {"450 4.7.1 Client host rejected: cannot find your reverse hostname, [192.0.2.7]", "policy", NULL},
    {"504 5.5.2 <x>: Helo command rejected: need fully-qualified hostname", "policy", NULL},
    {"450 4.7.1 <x.example>: Helo command rejected: Host not found", "policy", NULL},
    {"554 5.7.1 <mail.example.net[192.0.2.7]>: Client host rejected: Access denied", "policy", NULL},
    {"550 5.7.1 <b@example.org>: Recipient address rejected: SPF fail - not authorized", "authentication", NULL},
    {"553 5.7.1 <a@example.org>: Sender address rejected: not owned by user anna", "policy", NULL},
    {"553 5.7.1 <a@example.org>: Sender address rejected: not logged in", "authentication", NULL},
    {"530 5.7.0 Must issue a STARTTLS command first", "tls_failed", NULL},
    {"552 5.3.4 Message size exceeds fixed limit", "size_exceeded", NULL},
    {"552 5.2.2 <b@example.org>: Recipient address rejected: Mailbox quota exceeded", "mailbox_full", NULL},
    {"452 4.3.1 Insufficient system storage", "configuration", NULL},
    {"451 4.3.0 <b@example.org>: Temporary lookup failure", "configuration", NULL},
    {"451 4.3.5 Server configuration error", "configuration", NULL},
    {"451 4.3.0 Error: queue file write error", "configuration", NULL},
    {"421 4.7.0 mx.example.net Error: too many connections from 192.0.2.7", "rate_limited", NULL},
    {"450 4.7.1 Error: too much mail from 192.0.2.7", "rate_limited", NULL},
    {"452 4.5.3 Error: too many recipients", "rate_limited", NULL},
    {"421 4.4.2 mx.example.net Error: timeout exceeded", "timeout", NULL},
    {"550 5.7.1 Spam message rejected", "spam_content", NULL},
    {"554 5.4.6 Error: too many hops", "loop", NULL},
    {"501 5.1.7 Bad sender address syntax", "protocol", NULL},
    {"502 5.5.2 Error: command not recognized", "protocol", NULL},
    {"503 5.5.0 <DATA>: Data command rejected: Improper use of SMTP command pipelining", "protocol", NULL},
    {"550 5.7.1 Blocked by SpamAssassin", "spam_content", NULL},
    {"521 5.3.2 mx.example.net does not accept mail", "policy", NULL},
    {"556 5.1.10 <b@nomail.example>: Recipient address rejected: Domain nomail.example does not accept mail (nullMX)",
     "dns_failure", NULL},

    {"450 4.1.1 <b@example.org>: Recipient address rejected: unverified address: connect to "
     "mx.example.net[192.0.2.9]:25: Connection refused",
     "connect_failed", NULL},
    {"450 4.1.7 <a@nx.example>: Sender address rejected: unverified address: Host or domain name not found. Name "
     "service error for name=nx.example type=MX: Host not found, try again",
     "dns_failure", NULL},
    {"450 4.2.1 <b@example.net>: Recipient address rejected: User unknown in local recipient table (try later)",
     "user_unknown", NULL},
    {"450-4.7.1 The user you are trying to contact is receiving 450-4.7.1 mail at a rate that prevents additional "
     "messages. "
     "450 4.7.1 Please resend your message at a later time.",
     "rate_limited", NULL},
    {"454 4.7.0 TLS not available due to local problem", "tls_failed", NULL},
    {"454 4.7.0 Temporary authentication failure: Connection lost to authentication server", "authentication", NULL},

    /* Exim, cPanel */
    {"550 Unrouteable address", "user_unknown", NULL},
    {"550 No Such User Here", "user_unknown", NULL},
    {"550-Verification failed for <a@example.org> 550-No Such User Here 550 Sender verify failed", "policy", NULL},
    {"550 relay not permitted", "relay_denied", NULL},
    {"550-Please turn on SMTP Authentication in your mail client. 550-mail.example.org [192.0.2.7]:1234 is not "
     "permitted to relay through this server without authentication",
     "relay_denied", NULL},
    {"451 Temporary local problem - please try later", "configuration", NULL},
    {"451 Could not complete sender verify callout", "policy", NULL},
    {"550 This message scored 12.1 spam points.", "spam_content", NULL},
    {"550 Administrative prohibition", "policy", NULL},
    {"552 Message size exceeds maximum permitted", "size_exceeded", NULL},
    {"550 High probability of spam", "spam_content", NULL},
    {"451 Greylisted, please try again in 300 seconds", "greylisted", NULL},
    {"550 Rejected because 192.0.2.7 is in a black list at bl.example.net", "blocklisted", NULL},
    {"550 maximum allowed line length is 998 octets, got 1234", "protocol", NULL},

    /* Dovecot, Cyrus, Courier, sendmail, qmail */
    {"550 5.1.1 <b@example.org> User doesn't exist: b@example.org", "user_unknown", NULL},
    {"552 5.2.2 <b@example.org> Quota exceeded (mailbox for user is full)", "mailbox_full", NULL},
    {"451 4.2.0 <b@example.org> Execution of Sieve filters was aborted due to temporary failure", "configuration",
     NULL},
    {"451 4.3.0 <b@example.org> Temporary internal error", "other", NULL},
    {"550-Mailbox unknown. Either there is no mailbox associated with this 550-name or you do not have authorization "
     "to see it. 550 5.1.1 User unknown",
     "user_unknown", NULL},
    {"452 4.2.2 Over quota SESSIONID=<cyrus-1>", "mailbox_full", NULL},
    {"553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)", "relay_denied", NULL},
    {"550 sorry, no mailbox here by that name (#5.1.1 - chkuser)", "user_unknown", NULL},
    {"554 5.4.0 Too many hops", "loop", NULL},
    {"553 5.3.5 system config error", "configuration", NULL},
    {"550 5.7.1 Relaying denied. Proper authentication required.", "relay_denied", NULL},
    {"550 5.7.1 Command rejected", "policy", NULL},
    {"421 4.3.2 Connection rate limit exceeded.", "rate_limited", NULL},
    {"451 4.1.8 Domain of sender address a@nx.example does not resolve", "dns_failure", NULL},

    /* what our own delivery agents say */
    {"connect to mx.example.net[192.0.2.9]:25: Connection refused", "connect_failed", "4.4.1"},
    {"connect to mx.example.net[192.0.2.9]:25: Connection timed out", "connect_failed", "4.4.1"},
    {"connect to mx.example.net[192.0.2.9]:25: No route to host", "connect_failed", "4.4.1"},
    {"lost connection with mx.example.net[192.0.2.9] while sending MAIL FROM", "connect_failed", "4.4.2"},
    {"conversation with mx.example.net[192.0.2.9] timed out while sending RCPT TO", "timeout", "4.4.2"},
    {"Host or domain name not found. Name service error for name=nx.example type=AAAA: Host not found", "dns_failure",
     "5.4.4"},
    {"Host or domain name not found. Name service error for name=a.example type=MX: Host not found, try again",
     "dns_failure", "4.4.3"},
    {"Domain nomail.example does not accept mail (nullMX)", "dns_failure", "5.1.0"},
    {"mail for example.net loops back to myself", "loop", "5.4.6"},
    {"Server certificate not verified", "tls_failed", "4.7.5"},
    {"Cannot start TLS: handshake failure", "tls_failed", "4.7.5"},
    {"TLS is required, but was not offered by host mx.example.net[192.0.2.9]", "tls_failed", "4.7.4"},
    {"SASL authentication failed: server mx.example.net[192.0.2.9] offered no compatible authentication mechanisms for "
     "this type of connection security",
     "authentication", "4.7.0"},
    {"SMTPUTF8 is required, but was not offered by host mx.example.net[192.0.2.9]", "protocol", "5.6.7"},
    {"message size 2000 exceeds size limit 1000 of server mx.example.net[192.0.2.9]", "size_exceeded", "5.3.4"},
    {"unknown user: \"b\"", "user_unknown", "5.1.1"},
    {"cannot update mailbox /var/mail/b for user b. error writing message: File too large", "mailbox_full", "5.2.2"},
    {"cannot update mailbox /var/mail/b for user b. unable to lock for exclusive access: Resource temporarily "
     "unavailable",
     "configuration", "4.2.0"},
    {"mail forwarding loop for b@example.org", "loop", "5.4.6"},
    {"alias database unavailable", "configuration", "4.3.0"},
    {"mail transport unavailable", "configuration", "4.3.0"},
    {"delivery temporarily suspended: unknown mail transport error", "configuration", "4.3.0"},
    {"address resolver failure", "configuration", "4.3.0"},
    {"mail system configuration error", "configuration", "4.3.5"},
    {"temporary failure. Command output: pipe: fatal: pipe_command: execvp /usr/local/bin/x: No such file or directory",
     "configuration", "4.3.0"},
    {"Command died with status 75: \"/usr/local/bin/x\"", "configuration", "4.3.0"},
    {"Command time limit exceeded: \"/usr/local/bin/x\"", "timeout", "4.3.0"},
    {"delivery temporarily suspended: connect to mx.example.net[192.0.2.9]:25: Connection refused", "connect_failed",
     "4.4.1"},

    /* the address and the client's name are not the reply's text */
    {"554 5.7.1 <mailbox.full@greylist.example>: Rejected", "policy", NULL},
    {"554 5.0.0 <spam@blacklist.example>: something went wrong", "other", NULL},
    /* an end in the middle */
    {"550", "other", NULL},
    {"550 5.", "other", NULL},
    {"550-5.1.1 x <", "user_unknown", NULL},
    {"", "other", NULL},
    {"<", "other", NULL},
    {"<<< spam", "spam_content", NULL},
    {"<<a>> spam", "spam_content", NULL},
    {"<spam> <spam", "spam_content", NULL},
    {"<spam> >", "other", NULL},
    {"552", "size_exceeded", NULL},
};

static void reply_has_its_class(void **state)
{
    (void)state;
    struct guard guard;
    size_t wrong = 0;
    guard_open(&guard, 4096);
    for (size_t i = 0; i < PS_COUNT(replies); i++) {
        struct ps_slice text = ps_slice_from_str(replies[i].text);
        const struct ps_reply reply = {.enhanced = ps_slice_from_str(replies[i].enhanced),
                                       .text = guard_copy(&guard, text)};
        struct ps_slice class = ps_reason_class(&reply);
        if (!ps_slice_equal(class, ps_slice_from_str(replies[i].class))) {
            print_message("%s: is %s, not %s\n", replies[i].text, class.p, replies[i].class);
            wrong++;
        }
    }
    guard_close(&guard);
    if (wrong)
        fail_msg("%zu of %zu replies are of another class", wrong, PS_COUNT(replies));
}

/* The codes may be fields of their own, as the parser takes them off. */
static void codes_are_given(void **state)
{
    (void)state;
    const struct ps_reply reply = {PS_SLICE("550"), PS_SLICE("5.1.1"), PS_SLICE("no")};
    assert_string_equal(ps_reason_class(&reply).p, "user_unknown");
    const struct ps_reply lines = {PS_SLICE("550"), PS_SLICE("5.7.1"), PS_SLICE("no such 550-5.7.1 user 550 5.7.1 x")};
    assert_string_equal(ps_reason_class(&lines).p, "user_unknown");
    const struct ps_reply none = {PS_SLICE("550"), PS_SLICE("5.0.0"), {0}};
    assert_string_equal(ps_reason_class(&none).p, "other");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reply_has_its_class),
        cmocka_unit_test(codes_are_given),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
