//! The words of a console's code that only query and print, language by
//! language: by the documentation of Rails 8, Django 5.2 and Laravel 12. What
//! writes, runs code by a name (a relation of Eloquent's that a text names is
//! one), loads code or reaches the system is on none of these lists.

use super::Language;

/// One language's lists, of words between blanks.
pub(super) struct Words {
    pub language: Language,
    pub keywords: &'static str,
    /// Words that begin an import.
    pub imports: &'static str,
    /// Modules that may be imported whole, or names from them.
    pub modules: &'static str,
    /// Functions and objects of these that may be imported.
    pub functions: &'static str,
    /// Functions that are called by their names alone.
    pub calls: &'static str,
    /// Classes that are called as functions.
    pub classes: &'static str,
    pub methods: &'static str,
    /// Methods that tell that what they are called on is a relation.
    pub on_relations: &'static str,
    /// Methods that run the statement that they are given.
    pub statements: &'static str,
    /// Methods of whose texts the framework makes a part of a statement.
    pub pieces: &'static str,
    /// Methods that may call the function which a text names.
    pub callbacks: &'static str,
}

/// Whether a word is on a list.
pub(super) fn has(list: &str, word: &str) -> bool {
    list.split_ascii_whitespace().any(|known| known == word)
}

/// A language's lists.
pub(super) fn of(language: Language) -> Words {
    match language {
        Language::Php => PHP,
        Language::Python => PYTHON,
        Language::Ruby => RUBY,
    }
}

/// What is done, and not what is, where a name begins with it: `reset_count`,
/// `send_emails`.
const VERBS: &str = "
    activate add apply approve archive assign ban block build calculate cancel change charge
    check clean cleanup clear close complete create deactivate decrement delete deliver
    destroy detach disable discard drop enable enqueue erase execute expire export fetch
    finish fix flush generate handle import increment kill load lock mark merge migrate move
    notify pay perform process prune publish purge rebuild recalculate refresh refund
    regenerate reindex reject release remove replace reset restore resume retry revoke
    rollback run save schedule send set start stop submit suspend sync toggle touch transfer
    truncate unassign unlink unlock unpublish unset update upgrade verify void wipe
";

fn begins_with_a_verb(name: &str) -> bool {
    has(VERBS, name.split('_').next().unwrap_or_default())
}

/// Whether a name is one that columns have, and methods do not.
pub(super) fn is_column(name: &str) -> bool {
    const COLUMNS: &str = "
        address amount balance category city code color content count country created_on
        currency description email enabled first_name full_name id key kind label last_name
        level locale name notes number phone pk plan position price priority quantity role
        size sku slug state status subject title total type url user_name username uuid
        value version
    ";
    const ENDS: &[&str] = &["_at", "_count", "_id"];
    has(COLUMNS, name) || ENDS.iter().any(|end| name.ends_with(end)) && !begins_with_a_verb(name)
}

/// Whether a name is one that relations to many have (`orders`, `line_items`,
/// Django's `order_set`) or that a part of a model has (`active`).
pub(super) fn is_relation(name: &str) -> bool {
    const PARTS: &str = "
        active approved archived cancelled canceled closed completed confirmed deleted disabled
        draft enabled expired failed featured hidden inactive kept newest oldest open overdue
        paid pending private processed public published recent trashed unconfirmed unpaid
        unprocessed unpublished unread unverified verified visible
    ";
    let many = name.ends_with('s') && !name.ends_with("ss") || name.ends_with("_set");
    let plain = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    has(PARTS, name) || many && plain && !begins_with_a_verb(name)
}

const RUBY: Words = Words {
    language: Language::Ruby,
    keywords: "
        and begin break case do else elsif end ensure false for if in next nil not or rescue
        return then true unless until when while
    ",
    imports: "",
    modules: "",
    functions: "",
    calls: "exit format p pp print printf puts sprintf",
    classes: "",
    methods: "
        abs adapter_name ago all any? as_json attribute_names attributes average
        beginning_of_day beginning_of_month beginning_of_week beginning_of_year between?
        blank? calculate ceil class collect column_names columns columns_hash compact
        connection count current current_database database_version day days dig distinct
        downcase each each_slice each_with_index eager_load empty? end_of_day end_of_month
        end_of_week end_of_year env exists? explain fetch fifth filter filter_map find
        find_by find_each find_in_batches first flat_map flatten floor from from_now group
        group_by having hour hours ids in_time_zone include? includes inspect iso8601 join
        joins keys last left_joins left_outer_joins length limit ljust many? map max max_by
        maximum min min_by minimum minute minutes month months name none none? not now
        offset one? order partition pick pluck preload present? primary_key references
        reject reorder reverse reverse_order rewhere rjust round rows second seconds select
        size slice sole sort sort_by start_with? end_with? strftime strip sum table_name
        tables take tally third to_a to_date to_f to_h to_i to_json to_s to_set to_sql today
        tomorrow uniq unscope unscoped upcase utc values version week weeks where with_index
        year years yesterday zero? zip zone
    ",
    on_relations: "
        average count distinct empty? exists? find_by first group ids joins last limit
        maximum minimum order pluck select size sum where
    ",
    statements: "
        exec_query execute find_by_sql select_all select_one select_rows select_value
        select_values
    ",
    pieces: "
        average calculate from group having joins left_joins left_outer_joins maximum
        minimum order pick pluck reorder select sum where rewhere not count exists? find_by
    ",
    callbacks: "",
};

const PYTHON: Words = Words {
    language: Language::Python,
    keywords: "
        False None True and as break continue elif else except finally for if in is not or
        pass try while with
    ",
    imports: "from import",
    modules: "collections datetime decimal django json pprint",
    functions: "
        connection connections date datetime get_user_model pprint settings timedelta
        timezone
    ",
    calls: "
        all any bool date datetime dict enumerate exit float get_user_model int isinstance
        len list map max min pprint print range repr reversed round set sorted str sum
        timedelta tuple zip
    ",
    classes: "
        Avg Case Cast Coalesce Concat Count Counter Decimal Exists F Length Lower Max Min
        OuterRef Q StdDev Subquery Sum TruncDate TruncDay TruncHour TruncMonth TruncWeek
        TruncYear Upper Value Variance When
    ",
    methods: "
        aggregate all annotate append connection connections count cursor date dates
        datetime datetimes days db db_table defer description difference distinct dumps
        earliest endswith exclude exists explain fetchall fetchmany fetchone filter first
        format get get_user_model in_bulk intersection isoformat items iterator join keys
        last latest lower models most_common none now objects only order_by pprint
        prefetch_related query replace reverse select_related split startswith strftime
        strip timedelta timezone today total_seconds union upper using utils values
        values_list vendor _meta
    ",
    on_relations: "
        aggregate all count exclude exists filter first last order_by values values_list
    ",
    statements: "execute raw",
    pieces: "",
    callbacks: "",
};

const PHP: Words = Words {
    language: Language::Php,
    keywords: "
        and as break continue echo else elseif endforeach endif false foreach if null or
        print return true
    ",
    imports: "use",
    modules: "",
    functions: "",
    calls: "
        collect config count dd dump implode json_encode now number_format print_r round
        sprintf strlen strtolower strtoupper today var_dump var_export
    ",
    classes: "",
    methods: "
        addDays all average avg class connection count dd diffForHumans distinct doesntExist
        dump environment exists explain find findMany first firstWhere format from get
        getDatabaseName getTable groupBy having implode inRandomOrder isEmpty isNotEmpty
        join keyBy keys last latest leftJoin limit max min now offset oldest orWhere
        orWhereIn orderBy orderByDesc pluck query select selectRaw skip sortBy sortByDesc
        subDay subDays subHours subMonth subMonths subWeek sum table take today toArray
        toDateString toDateTimeString toJson toSql unique value values version where
        whereBetween whereColumn whereDate whereIn whereMonth whereNot whereNotIn
        whereNotNull whereNull whereRaw whereYear withTrashed onlyTrashed
    ",
    on_relations: "
        avg count doesntExist exists first get groupBy latest limit max min oldest orderBy
        pluck sum where whereIn
    ",
    statements: "scalar select selectOne statement",
    pieces: "
        from groupBy having join leftJoin orderBy select selectRaw table where whereRaw
    ",
    callbacks: "first last",
};
