# What a formula asks of all rows, answered by aggregate queries; and columns of dates, which are numbers in a model.

# Groups of equal rows are all there at once: levels, and cuts of the range, are right in them. Queries answer the least, the
# greatest, sums, means and spreads. Nothing else can be said from there.
settle_in_database <- function(home, template) {
  for (round in seq_len(most_looks)) {
    model <- home$model
    freeze_subset(model, template)
    check_condition_type(model, template)
    judged <- judge_model(model, template)
    if (isTRUE(model$is_part) && length(judged$requests)) stop_sums_only_look()
    asked <- Filter(function(request) !request$type %in% c("levels", "cut"), judged$requests)
    if (!length(asked)) return(home$unknown <- judged$unknown)
    partials <- lapply(asked, function(request) query_request(home, template, request))
    home$model <- settle_requests(model, template, asked, list(partials = partials))
  }
  stop_endless_looks()
}

query_request <- function(home, template, request) {
  call <- request$call
  inner <- call[[2]]
  value <- tryCatch(eval(inner, template, environment(home$model$formula)), error = function(e) NULL)
  is_plain <- (request$type == "scale" || has_only_na_rm(call)) && is.numeric(value) && is.null(dim(value))
  if (!is_plain || !request$type %in% c("value", "moments", "scale")) stop_beyond_queries(call)
  expression <- translate(new_translator(home$database, column_types(template), home$model$envir), inner)
  table <- as_table(sprintf("SELECT %s AS e FROM %s", expression, as_name(home$database$from, "q")), "t")
  ask <- function(sums) as.double(fetch_query(home$database, sprintf("SELECT %s FROM %s", comma(sums, Inf), table)))
  found <- ask(c("COUNT(*)", "COUNT(e)", "MIN(e)", "MAX(e)", "SUM(e)"))
  if (request$type == "value") return(list(aggregate_value(call, found, environment(home$model$formula))))
  centre <- quote_number(home$database, if (found[2] > 0) found[5] / found[2] else 0)
  spread <- ask(c(sprintf("SUM(e - %s)", centre), sprintf("SUM((e - %s) * (e - %s))", centre, centre)))
  list(missing = found[1] - found[2], count = found[2], total = found[5], rest = spread[1], squares = spread[2])
}

aggregate_value <- function(call, found, envir) {
  drops <- isTRUE(eval(call$na.rm, envir))
  name <- call_name(call)
  if (name %in% c("length", "NROW")) return(found[1])
  if (!drops && found[1] > found[2]) return(if (name == "range") c(NA_real_, NA_real_) else NA_real_)
  switch(name, min = found[3], max = found[4], range = found[3:4], sum = found[5], stop_beyond_queries(call))
}

stop_beyond_queries <- function(call) {
  stop_glmpp("parts", sprintf("`%s` takes its values from all rows at once, and a query can't say it here.", deparse1(call)),
             i = "min(), max(), range(), sum(), length(), mean(), sd(), var() and scale() of an expression with numbers can be asked for.",
             i = "`in_database(..., where = \"stream\")` can say more, such as quantiles, `poly()` and `ns()`.")
}

# scale() by known numbers, as it is said in SQL.
unscaled <- function(expression) {
  if (is_call_of(expression, "scale") && is_scaled(expression)) {
    centred <- if (isFALSE(expression$center)) expression[[2]] else call("-", call("(", expression[[2]]), as.double(expression$center))
    return(if (isFALSE(expression$scale)) centred else call("/", call("(", centred), as.double(expression$scale)))
  }
  expression
}

# ---- Dates ----

# Days, or seconds, since 1970 as R counts them.
date_as_number <- function(database, quoted, type, name) {
  dialect <- database$dialect$name
  if (dialect == "SQLite") {
    text <- if (type == "date") "JULIANDAY(%1$s) - 2440587.5" else "(JULIANDAY(%1$s) - 2440587.5) * 86400.0"
    return(sprintf(paste("CASE WHEN TYPEOF(%1$s) = 'text' THEN", text, "ELSE CAST(%1$s AS REAL) END"), quoted))
  }
  if (dialect == "PostgreSQL") {
    return(if (type == "date") as_double(database, sprintf("(%s - DATE '1970-01-01')", quoted))
           else as_double(database, sprintf("EXTRACT(EPOCH FROM %s)", quoted)))
  }
  stop_date_in_sql(name)
}

stop_date_in_sql <- function(text) {
  stop_glmpp("pushdown", sprintf("`%s` is a date, and can't be said in SQL so.", text),
             x = "A date by itself, and numbers of it, can be said in SQLite and PostgreSQL; levels of dates and comparisons with text can't.",
             i = "`in_database(..., where = \"stream\")` evaluates it in R.")
}

# A date, or a number of days between two; other units depend on all rows.
is_date_number <- function(column) {
  inherits(column, c("Date", "POSIXct")) || inherits(column, "difftime") && identical(units(column), "days")
}
