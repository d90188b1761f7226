//! What names say: the two long tables of the lexicon.

use overexposed::finding::Category;
use overexposed::knowledge::{Knowledge, Sense};

const CREDENTIAL: &str = "
    password passwd pword pwd passwd2 passphrase passcode pass_phrase user_password newPassword PASSWORD password_hash hashed_password
    hashedPassword secret client_secret SECRET_KEY credential credentials api_key apiKey APIKey X-Api-Key apikey hashed_api_key
    user_api_key_hash access_token refreshToken auth_token bearer_token bearer Authorization authorization session_id sessionid
    session_key sessionKey csrf csrfmiddlewaretoken csrf_token X-CSRFToken otp otp_code totp mfa_code 2fa_code pin user_pin pin_code
    private_key privateKey signature_key signing_key encryption_key license_key licence_key jwt id_token device_token reset_token
    password_reset_token session_cookie api_token secret_access_key passwords valid_api_key invite_token security_answer
    oauth_token access_key_id confirm_password password_from_form default_password email_password auth_code sms_code
";

const PAYMENT: &str = "
    card_number cardNumber cardnumber card_no cc_number ccn credit_card pan card_pan cvv cvc cvv2 security_code securityCode
    card_expiry expiry expiry_date exp_month iban IBAN account_number accountNo acct_no bank_account routing_number balance
    account_balance card_balance salary salaries gift_card_number card_data valid_card_number card_verification_value balances
";

const PERSONAL: &str = "
    user_name username userName uname user_id userId userID login user_login email e_mail eMail emails email_address
    recipient recipient_email mail_address phone phone_number mobile_number telephone postal_address street zip_code postcode
    home_address billing_address ip ip_address ipAddr client_ip clientIp remote_addr REMOTE_ADDR X-Forwarded-For
    HTTP_X_FORWARDED_FOR forwarded_for user_agent HTTP_USER_AGENT passport passport_number ssn social_security_number tax_id
    date_of_birth dob birthday birth_date first_name firstName last_name full_name surname given_name latitude longitude
    customer_id patient_id user.email token_email customer_email payload_email enduser_id display_name peer_addr real_ip
    client_host new_login created_by_email email_from_form user_uuid msisdn cardholder_name geo_location
";

const CONTENT: &str = "
    request_body requestBody raw_body payload headers request_headers query_string queryString cookies Cookie cookie_header
    form_data post_data query_params comment_text message_body message_text user_input free_text search_query user_prompt
";

const WITH_SOURCE: &str = "
    token key id name auth contact sid number address message user body comment card account notes my_token
    shipping_addr feedback session gate_tok
";

const SILENT: &str = "
    user_api_key_dict session_obj password_object
    password_reset_total password_reset_count password_resets_total token_type max_tokens card_id_count body_size min_password_length
    password_length has_password is_password_valid password_policy password_strength login_attempts login_count logins_total
    failed_login_count session_count sessions_total session_duration session_seconds session_ttl token_ttl token_count tokens_used
    prompt_tokens completion_tokens tokens output_tokens tokens_per_second email_template email_type email_count emails_sent
    email_enabled email_status user_count users_total user_type card_type card_count gift_card giftcard gift_card_total
    post_code_count status_code error_code country_code primary_key foreign_key cache_key sort_key public_key key_type
    page_token next_token pagination_token cancellation_token page next_page_token balance_count load_balancer cookie_count
    header_count headers_size payload_size payload_bytes query_count request_body_size request_size phone_type phone_prefix
    ip_count ip_version pod_ip host_ip server_address bind_address listen_addr password_changed_at token_expiry
    session_expiry last_login_at login_total login_required login_page login_url csrf_exempt csrf_enabled secret_name
    cookie_name header_name password_field secret_type credential_type pin_attempts pin_count otp_status otp_attempts
    card_limit balance_limit salary_max salary_min pwd_prefix account_type account_status account_count invalid_email
    product choice stars zone kind day route endpoint method host instance job le quantile status shipping concert secretary certain
    köchin spinner pinned pancake company compass passive author_count wildcard_no profile number_of_users email_domain user_role
    expired_tokens missing_email password_ok token_used token_limit error_message status_message key_error gpio_pin use_password
    secrets_total unique_ips forgot_password monkey keyboard tokenizer login_method mail_queue type_of_email kind_of_password password_days
";

/// The names of a table whose judgement is not as wanted, each with that judgement.
fn wrong<'a>(table: &'a str, wanted: impl Fn(Sense<'a>) -> bool) -> Vec<String> {
    let lexicon = Knowledge::builtin().lexicon();
    let names = table.split_whitespace();
    names.filter(|name| !wanted(lexicon.sense(name))).map(|name| format!("{name}: {:?}", lexicon.sense(name))).collect()
}

fn telling(table: &'static str, wanted: Category) {
    let wrong = wrong(table, |sense| matches!(sense, Sense::Telling { category, .. } if category == wanted));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn credentials_tell() {
    telling(CREDENTIAL, Category::Credential);
}

#[test]
fn payment_data_tells() {
    telling(PAYMENT, Category::Payment);
}

#[test]
fn personal_data_tells() {
    telling(PERSONAL, Category::Personal);
}

#[test]
fn content_tells() {
    telling(CONTENT, Category::Content);
}

#[test]
fn some_words_tell_only_with_a_source() {
    let wrong = wrong(WITH_SOURCE, |sense| matches!(sense, Sense::WithSource { .. }));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn look_alikes_are_silent() {
    let wrong = wrong(SILENT, |sense| matches!(sense, Sense::Neutral | Sense::Defused));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_defused_name_is_told_from_a_neutral_one() {
    let lexicon = Knowledge::builtin().lexicon();
    assert_eq!(lexicon.sense("password_length"), Sense::Defused);
    assert_eq!(lexicon.sense("colour"), Sense::Neutral);
    assert_eq!(lexicon.sense(""), Sense::Neutral);
}

#[test]
fn words_can_be_added_and_removed() {
    let text = r#"
remove = ["user agent"]
[[telling]]
category = "personal"
what = "a badge number"
words = ["badge no"]
"#;
    let all = Knowledge::builtin().with_extra(vec![("words.toml".into(), text.into())]).unwrap();
    let badge = Sense::Telling { category: Category::Personal, what: "a badge number" };
    assert_eq!(all.lexicon().sense("badgeNo"), badge);
    assert_eq!(all.lexicon().sense("user_agent"), Sense::Neutral);
}
