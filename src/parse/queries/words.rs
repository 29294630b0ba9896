//! The words of a console's code that only query and print, language by
//! language: by the documentation of Rails 8, Django 5.2 and Laravel 12. What
//! writes, runs code by a name (a relation of Eloquent's is one), loads code or reaches the system is on none of
//! these lists.

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
    // What is done and not what is: `reset_count`.
    const VERBS: &str = "
        add apply archive assign cancel change clear close decrement delete destroy expire
        fix generate increment mark refresh regenerate remove reset run save send set sync
        toggle touch unset update
    ";
    let first = name.split('_').next().unwrap_or_default();
    has(COLUMNS, name) || ENDS.iter().any(|end| name.ends_with(end)) && !has(VERBS, first)
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
    statements: "scalar select selectOne statement",
    pieces: "
        from groupBy having join leftJoin orderBy select selectRaw table where whereRaw
    ",
    callbacks: "first last",
};
