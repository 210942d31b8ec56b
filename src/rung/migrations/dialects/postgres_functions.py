"""Defines `HARMLESS`: the functions of PostgreSQL and of its well-known extensions that change no object and
no row of a table. Any other function might: it could be a user's, or one that runs a text as SQL.
"""

from __future__ import annotations

_BUILT_IN = """
    abbrev abs acos acosd acosh age any_value array_agg array_append array_cat array_dims array_fill
    array_length array_lower array_ndims array_position array_positions array_prepend array_remove
    array_replace array_reverse array_sample array_shuffle array_sort array_to_json array_to_string
    array_to_tsvector array_upper ascii asin asind asinh atan atan2 atan2d atand atanh avg bit bit_and
    bit_count bit_length bit_or bit_xor bool_and bool_or bpchar btrim cardinality casefold cbrt ceil ceiling
    center char char_length character_length chr clock_timestamp coalesce col_description concat concat_ws
    convert convert_from convert_to corr cos cosd cosh cot cotd count covar_pop covar_samp crc32 crc32c
    cume_dist current_database current_query current_schema current_schemas current_setting current_user
    currval date date_bin date_part date_trunc datemultirange daterange decode degrees dense_rank diagonal
    diameter div encode enum_first enum_last enum_range erf erfc every exp extract factorial family
    first_value float8 floor format format_type gamma gcd gen_random_uuid generate_series
    generate_subscripts get_bit get_byte get_current_ts_config getdatabaseencoding greatest
    has_column_privilege has_database_privilege has_schema_privilege has_table_privilege hashint4 hashint8
    hashtext hashtextextended height host hostmask icu_unicode_version inet_client_addr inet_client_port
    inet_server_addr inet_server_port initcap int4 int4range int8 int8range interval is_normalized isclosed
    isempty isfinite ishorizontal isopen isparallel isperp isvertical json_agg json_agg_strict
    json_array_elements json_array_elements_text json_array_length json_build_array json_build_object
    json_each json_each_text json_extract_path json_extract_path_text json_object json_object_agg
    json_object_agg_strict json_object_agg_unique json_object_agg_unique_strict json_object_keys
    json_populate_record json_populate_recordset json_strip_nulls json_to_record json_to_recordset
    json_to_tsvector json_typeof jsonb_agg jsonb_agg_strict jsonb_array_elements jsonb_array_elements_text
    jsonb_array_length jsonb_build_array jsonb_build_object jsonb_each jsonb_each_text jsonb_extract_path
    jsonb_extract_path_text jsonb_insert jsonb_object jsonb_object_agg jsonb_object_agg_strict
    jsonb_object_agg_unique jsonb_object_agg_unique_strict jsonb_object_keys jsonb_path_exists
    jsonb_path_exists_tz jsonb_path_match jsonb_path_match_tz jsonb_path_query jsonb_path_query_array
    jsonb_path_query_array_tz jsonb_path_query_first jsonb_path_query_first_tz jsonb_path_query_tz
    jsonb_populate_record jsonb_populate_record_valid jsonb_populate_recordset jsonb_pretty jsonb_set
    jsonb_set_lax jsonb_strip_nulls jsonb_to_record jsonb_to_recordset jsonb_to_tsvector jsonb_typeof
    justify_days justify_hours justify_interval lag last_value lastval lcm lead least left length lgamma
    like_escape ln localtime localtimestamp log log10 lower lower_inc lower_inf lpad ltrim make_date
    make_interval make_time make_timestamp make_timestamptz masklen max md5 min min_scale mod mode
    multirange name netmask network nextval normalize now npoints nth_value ntile nullif num_nonnulls
    num_nulls numeric nummultirange numnode numrange obj_description octet_length oid overlaps overlay
    parse_ident pclose percent_rank percentile_cont percentile_disc pg_advisory_lock pg_advisory_lock_shared
    pg_advisory_unlock pg_advisory_unlock_all pg_advisory_unlock_shared pg_advisory_xact_lock
    pg_advisory_xact_lock_shared pg_backend_pid pg_basetype pg_collation_for pg_column_size
    pg_current_snapshot pg_database_size pg_function_is_visible pg_get_constraintdef pg_get_expr
    pg_get_functiondef pg_get_indexdef pg_get_keywords pg_get_serial_sequence pg_get_triggerdef
    pg_get_userbyid pg_get_viewdef pg_indexes_size pg_input_is_valid pg_relation_size pg_sequence_last_value
    pg_size_bytes pg_size_pretty pg_sleep pg_sleep_for pg_sleep_until pg_table_is_visible pg_table_size
    pg_total_relation_size pg_trigger_depth pg_try_advisory_lock pg_try_advisory_lock_shared
    pg_try_advisory_xact_lock pg_try_advisory_xact_lock_shared pg_type_is_visible pg_typeof phraseto_tsquery
    pi plainto_tsquery popen position pow power quote_ident quote_literal quote_nullable radians radius
    random random_normal range_merge rank regexp_count regexp_instr regexp_like regexp_match regexp_matches
    regexp_replace regexp_split_to_array regexp_split_to_table regexp_substr regr_avgx regr_avgy regr_count
    regr_intercept regr_r2 regr_slope regr_sxx regr_sxy regr_syy repeat replace reverse right round
    row_number row_security_active row_to_json rpad rtrim satisfies_hash_partition scale session_user
    set_bit set_byte set_config set_masklen setseed setval setweight sha224 sha256 sha384 sha512
    shobj_description sign similar_to_escape sin sind sinh slope split_part sqrt starts_with
    statement_timestamp stddev stddev_pop stddev_samp string_agg string_to_array string_to_table strip
    strpos substr substring sum system_user tan tand tanh text_pattern_ops text_to_bytea time timestamp
    timestamptz timezone to_ascii to_bin to_char to_date to_hex to_json to_jsonb to_number to_oct
    to_regclass to_regcollation to_regnamespace to_regoper to_regoperator to_regproc to_regprocedure
    to_regrole to_regtype to_regtypemod to_timestamp to_tsquery to_tsvector transaction_timestamp translate
    trim trim_array trim_scale trunc ts_headline ts_lexize ts_rank ts_rank_cd ts_stat tsquery_phrase tsrange
    tstzmultirange tstzrange tsvector_to_array tsvector_update_trigger tsvector_update_trigger_column
    txid_current txid_current_if_assigned txid_current_snapshot txid_snapshot_xip txid_snapshot_xmax
    txid_snapshot_xmin txid_status txid_visible_in_snapshot unicode_assigned unicode_version unistr unnest
    upper upper_inc upper_inf uuid_extract_timestamp uuid_extract_version uuidv4 uuidv7 var_pop var_samp
    varchar variance version websearch_to_tsquery width width_bucket xid xml_is_well_formed xmlagg
    xmlcomment xmlconcat xpath xpath_exists
"""
_OF_EXTENSIONS = """
    akeys armor avals cosine_distance crosstab crypt cube cube_dim dearmor decrypt delete difference digest
    dmetaphone each earth_box earth_distance encrypt exist gen_random_bytes gen_salt hmac hstore
    hstore_to_array hstore_to_json hstore_to_jsonb hstore_to_matrix icount idx index inner_product intset
    l1_distance l2_distance l2_norm l2_normalize lca levenshtein levenshtein_less_equal ll_to_earth
    ltree2text ltree_addltree metaphone nlevel normal_rand pgp_pub_decrypt pgp_pub_encrypt pgp_sym_decrypt
    pgp_sym_encrypt set_limit show_limit show_trgm similarity skeys slice sort sort_asc sort_desc soundex
    strict_word_similarity subarray subltree subpath subvector svals text2ltree unaccent uniq
    uuid_generate_v1 uuid_generate_v1mc uuid_generate_v3 uuid_generate_v4 uuid_generate_v5 uuid_nil
    uuid_ns_dns uuid_ns_oid uuid_ns_url uuid_ns_x500 vector_dims word_similarity
"""
HARMLESS = frozenset((_BUILT_IN + _OF_EXTENSIONS).split())
