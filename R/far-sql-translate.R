# Expressions of a formula as SQL. The tree is rewritten first, so that only columns, numbers, text and functions of
# the list below are left, each column and constant already quoted; dbplyr then puts it into words.

sql_functions <- c("+", "-", "*", "/", "^", "(", "I", "offset", "log", "log2", "log10", "log1p", "exp", "sqrt", "abs",
                   "floor", "ceiling", "pmin", "pmax", "==", "!=", "<", "<=", ">", ">=", "&", "|", "!", "ifelse", "is.na",
                   "%in%", "as.numeric", "as.double")

# columns: named, the types of the table's columns in R. envir: where other names are looked up.
new_translator <- function(database, columns, envir) {
  list(database = database, columns = columns, envir = envir)
}

translate <- function(translator, expression) {
  put_into_words(translator$database, rewrite(translator, expression))
}

put_into_words <- function(database, rewritten) {
  if (inherits(rewritten, "sql")) return(as.character(rewritten))
  as.character(dbplyr::translate_sql_(list(rewritten), con = database$con))
}

rewrite <- function(translator, expression) {
  if (is.symbol(expression)) return(rewrite_name(translator, as.character(expression)))
  if (!is.call(expression)) return(rewrite_constant(translator, expression))
  name <- if (is.symbol(expression[[1]])) as.character(expression[[1]]) else ""
  if (!name %in% sql_functions || !is.null(names(expression)) && name != "log") stop_untranslatable(expression)
  if (name == "%in%") return(rewrite_set(translator, expression))
  refuse_text_order(translator, expression, name)
  arguments <- unname(as.list(expression)[-1])
  if (name %in% c("as.numeric", "as.double") && identical(sql_type(translator, arguments[[1]]), "text")) stop_untranslatable(expression)
  parts <- lapply(arguments, function(part) rewrite(translator, part))
  rewrite_call(name, truths_as_numbers(translator, name, arguments, parts), translator$database)
}

# TRUE and FALSE are 1 and 0 to arithmetic, and beside a number; engines differ in whether they are so by themselves.
truths_as_numbers <- function(translator, name, arguments, parts) {
  if (name %in% c("&", "|", "!", "(", "I", "is.na")) return(parts)
  is_truth <- vapply(arguments, function(argument) is_truth(translator, argument), NA)
  if (name == "ifelse") is_truth[1] <- FALSE
  compared <- if (name == "ifelse") 2:3 else seq_along(arguments)
  if (name %in% c("==", "!=", "ifelse") && all(is_truth[compared])) return(parts)
  words <- function(part) put_into_words(translator$database, part)
  parts[is_truth] <- lapply(parts[is_truth], function(part) {
    dbplyr::sql(sprintf("CASE WHEN %1$s THEN 1.0 WHEN NOT (%1$s) THEN 0.0 END", words(part)))
  })
  parts
}

is_truth <- function(translator, expression) {
  if (is.symbol(expression)) return(identical(unname(translator$columns[as.character(expression)]), "logical"))
  if (is.logical(expression)) return(TRUE)
  if (is_call_of(expression, c("(", "I"))) return(is_truth(translator, expression[[2]]))
  if (is_call_of(expression, "ifelse")) return(is_truth(translator, expression[[3]]) && is_truth(translator, expression[[4]]))
  is_condition(expression)
}

# "numeric", "logical", "text", "date", "datetime", or "" for what is not told.
sql_type <- function(translator, part) {
  if (is.character(part)) "text"
  else if (is.numeric(part)) "numeric"
  else if (is.symbol(part)) sub("other", "text", c(translator$columns[as.character(part)], NA)[1])
  else if (is_call_of(part, c("(", "I"))) sql_type(translator, part[[2]])
  else ""
}

# R compares a number with text as text.
refuse_mixed_types <- function(expression, types) {
  if (!"text" %in% types || !any(types %in% c("numeric", "logical"))) return(invisible())
  stop_glmpp("pushdown", sprintf("`%s` compares text with numbers or conditions, which R and the database do differently.", deparse1(expression)),
             i = "Write the constant in the type of the column, or `in_database(..., where = \"stream\")`.")
}

# The order of text is a matter of collation, in R as in the database, and dates are numbers in SQL.
refuse_text_order <- function(translator, expression, name) {
  if (!name %in% c("<", "<=", ">", ">=", "==", "!=", "%in%", "pmin", "pmax", "ifelse")) return(invisible())
  types <- vapply(as.list(expression)[-1], function(part) sql_type(translator, part), "")
  if (name %in% c("==", "!=")) refuse_mixed_types(expression, types)
  if (any(types %in% c("date", "datetime")) && (name == "%in%" || any(types %in% "text"))) stop_date_in_sql(deparse1(expression))
  if (!name %in% c("==", "!=", "%in%", "ifelse") && any(types %in% "text")) {
    stop_glmpp("pushdown", sprintf("`%s` orders text, which R and the database may do by different rules.", deparse1(expression)),
               i = "`in_database(..., where = \"stream\")` evaluates it in R; `g %in% c(\"a\", \"b\")` names the values.")
  }
}

rewrite_call <- function(name, parts, database) {
  number <- function(value) dbplyr::sql(quote_number(database, value))
  words <- function(part) put_into_words(database, part)
  choose <- function(test, yes, no) {
    dbplyr::sql(sprintf("CASE WHEN %1$s THEN %2$s WHEN NOT (%1$s) THEN %3$s END", words(test), words(yes), words(no)))
  }
  # In SQLite LOG is the natural logarithm in some builds, that to base 10 in others.
  ln <- function(x) {
    if (database$dialect$name != "SQLite") call("log", x)
    else dbplyr::sql(sprintf("CASE WHEN %2$s = 0 THEN -9e999 ELSE %1$s(%2$s) END", database$dialect$ln, words(x)))
  }
  # SQLite has NULL for a division by zero, and the row would go without a word.
  divide <- function(a, b) {
    if (database$dialect$name != "SQLite" || is.numeric(b)) call("/", a, b)
    else dbplyr::sql(sprintf("CASE WHEN %2$s = 0 THEN %1$s * 9e999 ELSE %1$s / %2$s END", words(a), words(b)))
  }
  switch(name,
    `/` = divide(parts[[1]], parts[[2]]),
    I = , offset = call("(", parts[[1]]),
    as.numeric = , as.double = call("(", parts[[1]]),
    log = if (length(parts) == 2) call("/", ln(parts[[1]]), ln(parts[[2]])) else ln(parts[[1]]),
    log2 = call("/", ln(parts[[1]]), number(log(2))), log10 = call("/", ln(parts[[1]]), number(log(10))),
    log1p = ln(call("+", number(1), parts[[1]])),
    pmin = Reduce(function(a, b) choose(call("<=", a, b), a, b), parts),
    pmax = Reduce(function(a, b) choose(call(">=", a, b), a, b), parts),
    ifelse = choose(parts[[1]], parts[[2]], parts[[3]]),
    as.call(c(as.name(name), parts))
  )
}

rewrite_name <- function(translator, name) {
  type <- translator$columns[name]
  quoted <- if (!is.na(type)) quote_name(translator$database, name)
  if (is.na(type)) return(rewrite_constant(translator, find_constant(translator, name)))
  dbplyr::sql(switch(type, numeric = as_number(translator$database, quoted, translator$columns, name),
                     date = , datetime = date_as_number(translator$database, quoted, type, name), quoted))
}

# Integers as doubles, which divide and multiply as R's numbers do; NaN as missing.
as_number <- function(database, quoted, columns, name) {
  number <- as_double(database, quoted)
  nan <- database$dialect$not_a_number
  if (is.null(nan) || attr(columns, "integer")[[name]]) number else sprintf("NULLIF(%s, %s)", number, nan)
}

find_constant <- function(translator, name) {
  value <- get0(name, translator$envir)
  if (is.atomic(value) && length(value) == 1 && !is.na(value)) return(value)
  stop_glmpp("pushdown", sprintf("`%s` is neither a column of %s nor one number or text in R.", name, translator$database$from),
             i = sprintf("Its columns are %s.", comma(names(translator$columns), 20)))
}

rewrite_constant <- function(translator, value) {
  database <- translator$database
  if (is.logical(value) && length(value) == 1 && !is.na(value)) return(dbplyr::sql(if (value) "(1 = 1)" else "(1 = 0)"))
  if (is.numeric(value) && length(value) == 1 && is.finite(value)) return(dbplyr::sql(quote_number(database, as.double(value))))
  if (is.character(value) && length(value) == 1 && !is.na(value)) return(dbplyr::sql(quote_text(database, value)))
  stop_untranslatable(value)
}

# x %in% c("a", "b"); the set has no columns in it.
rewrite_set <- function(translator, expression) {
  if (any(all.vars(expression[[3]]) %in% names(translator$columns))) stop_untranslatable(expression)
  set <- tryCatch(eval(expression[[3]], translator$envir), error = function(e) stop_untranslatable(expression))
  if (is.factor(set)) set <- as.character(set)
  if (!is.atomic(set) || !length(set) || anyNA(set)) stop_untranslatable(expression)
  refuse_mixed_types(expression, c(sql_type(translator, expression[[2]]), if (is.character(set)) "text" else "numeric"))
  left <- translate(translator, expression[[2]])
  # What is missing is in no set.
  dbplyr::sql(sprintf("(%1$s IS NOT NULL AND %1$s IN (%2$s))", left, comma(quote_key(translator$database, set), Inf)))
}

stop_untranslatable <- function(expression) {
  stop_glmpp("pushdown", sprintf("`%s` can't be said in SQL.", deparse1(expression)),
             i = "`in_database(..., where = \"stream\")` evaluates it in R.",
             i = paste0("In the database there are ", comma(sql_functions, Inf), ", and factor() around them."))
}
