# What the queries of one model are made of: the variables of its frame as SQL, which of them are factors, the
# products of numeric variables that the design multiplies cells by (*multipliers*), and their moments.

# The columns v1, v2, ... are the variables of the model frame, in its order (two for counts of successes and
# failures); `y`, `wt` (NULL: all 1) and `ofs` (NULL: 0) are made of them.
new_plan <- function(home, template) {
  model <- home$model
  frame <- part_frame(model, template)
  translator <- new_translator(home$database, column_types(template), model$envir)
  expressions <- lapply(frame_expressions(frame, model$frame_call), unscaled)
  variables <- Map(function(expression, column, k) describe_variable(translator, expression, column, paste0("v", k)),
                   expressions, frame, seq_along(frame))
  names(variables) <- names(frame)
  subset <- model$frame_call$subset
  plan <- list(terms = attr(frame, "terms"), variables = variables, frame = frame, translator = translator,
               subset = if (!is.null(subset)) translate(translator, subset))
  c(plan, list(multipliers = find_multipliers(plan), offset = offset_sql(plan)))
}

# The types of the table's columns in R; which of the numbers are integers is kept beside.
column_types <- function(template) {
  type <- vapply(template, function(column) {
    if (is.numeric(column)) "numeric" else if (is.logical(column)) "logical" else if (inherits(column, "Date")) "date"
    else if (inherits(column, "POSIXct")) "datetime" else "other"
  }, "")
  structure(type, integer = vapply(template, is.integer, NA))
}

frame_expressions <- function(frame, frame_call) {
  terms <- frame_call$formula
  of_terms <- as.list(attr(terms, "predvars") %||% attr(attr(frame, "terms"), "variables"))[-1]
  extra <- gsub("[()]", "", setdiff(names(frame), names(frame)[seq_along(of_terms)]))
  c(of_terms, as.list(frame_call)[extra])
}

# kind: "number", "flag" (logical), "counts" (two columns), "key" (a factor or text). columns: named, SQL.
describe_variable <- function(translator, expression, column, name) {
  if (is_counts(expression, column)) {
    parts <- vapply(as.list(expression)[-1], function(part) translate(translator, part), "")
    return(list(kind = "counts", columns = structure(parts, names = paste0(name, c("a", "b")))))
  }
  if (is.matrix(column) && (ncol(column) > 1 || !is_call_of(expression, c("/", "-")))) stop_untranslatable(expression)
  if (is.logical(column)) {
    sql <- translate(translator, expression)
    flag <- sprintf("CASE WHEN %s THEN 1 WHEN NOT (%s) THEN 0 END", sql, sql)
    return(list(kind = "flag", columns = structure(flag, names = name)))
  }
  if (is.numeric(column) || is_date_number(column)) return(list(kind = "number",
      columns = structure(translate(translator, expression), names = name)))
  list(kind = "key", columns = structure(key_sql(translator, expression), names = name), ordered = is.ordered(column),
       is_factor = is.factor(column))
}

is_counts <- function(expression, column) {
  is.matrix(column) && is.numeric(column) && is.call(expression) && identical(expression[[1]], quote(cbind)) &&
    length(expression) == 3
}

# What factor() is put around: a column as it is, or an expression.
key_sql <- function(translator, expression) {
  wrappers <- c("factor", "as.factor", "ordered", "as.ordered", "as.character", "absorb")
  while (is.call(expression) && is.symbol(expression[[1]]) && as.character(expression[[1]]) %in% wrappers) {
    if (length(expression) != 2) stop_untranslatable(expression)
    expression <- expression[[2]]
  }
  if (!is.symbol(expression)) {
    sql <- translate(translator, expression)
    return(if (is_condition(expression)) truth_as_text(sql) else sql)
  }
  name <- as.character(expression)
  type <- translator$columns[name]
  quoted <- if (is.na(type)) find_constant(translator, name) else quote_name(translator$database, name)
  if (type %in% c("date", "datetime")) stop_date_in_sql(name)
  if (identical(unname(type), "logical")) truth_as_text(quoted) else quoted
}

is_condition <- function(expression) {
  conditions <- c("==", "!=", "<", "<=", ">", ">=", "&", "|", "!", "is.na", "%in%")
  is.call(expression) && as.character(expression[[1]])[1] %in% conditions
}

truth_as_text <- function(sql) sprintf("CASE WHEN %1$s THEN 'TRUE' WHEN NOT (%1$s) THEN 'FALSE' END", sql)

offset_sql <- function(plan) {
  names <- c(names(plan$variables)[attr(plan$terms, "offset")], intersect("(offset)", names(plan$variables)))
  if (length(names)) paste(vapply(plan$variables[names], function(v) names(v$columns), ""), collapse = " + ")
}

# The products of numeric variables in the terms, as sets of places in the frame; the first is the empty product.
find_multipliers <- function(plan) {
  factors <- attr(plan$terms, "factors")
  kinds <- vapply(plan$variables, `[[`, "", "kind")
  sets <- if (length(factors)) lapply(seq_len(ncol(factors)), function(k) numeric_members(which(factors[, k] > 0), kinds))
  unique(c(list(integer()), sets))
}

numeric_members <- function(members, kinds) unname(members[kinds[members] == "number"])

multiplier_sql <- function(plan, set) {
  paste(vapply(plan$variables[set], function(v) names(v$columns), ""), collapse = " * ")
}

# ---- Queries over the variables ----

all_columns <- function(plan) unlist(lapply(unname(plan$variables), `[[`, "columns"))

# The rows of the table as variables; `more` named columns beside.
variables_query <- function(plan, database, more = NULL) {
  where <- if (!is.null(plan$subset)) sprintf("\nWHERE (%s)", plan$subset) else ""
  sprintf("SELECT %s\nFROM %s%s", named_columns(c(all_columns(plan), more)), as_name(database$from, "q"), where)
}

# Only those where nothing is missing.
complete_query <- function(plan, database, columns, more = NULL) {
  sprintf("SELECT %s\nFROM %s\nWHERE %s", named_columns(columns), as_table(variables_query(plan, database, more), "s0"),
          is_complete(plan))
}

is_complete <- function(plan) paste(names(all_columns(plan)), "IS NOT NULL", collapse = " AND ")

# y and the prior weights. A factor's first level is failure.
response_columns <- function(plan, database) {
  response <- plan$variables[[response_column(plan$frame)]]
  v <- names(response$columns)
  wt <- names(plan$variables[["(weights)"]]$columns)
  if (response$kind == "counts") {
    trials <- sprintf("(%s + %s)", v[1], v[2])
    return(c(y = sprintf("CASE WHEN %s > 0 THEN %s / %s ELSE 0 END", trials, v[1], trials),
             wt = paste(c(wt, trials), collapse = " * ")))
  }
  c(y = switch(response$kind, number = v, flag = as_double(database, v), key = is_not_failure(plan, database, v)), wt = wt)
}

is_not_failure <- function(plan, database, column) {
  if (is.na(plan$failure)) "1" else sprintf("CASE WHEN %s = %s THEN 0 ELSE 1 END", column, quote_key(database, plan$failure))
}
