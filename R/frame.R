# The model frame: stats::model.frame() with na.pass, which keeps all of its meaning but copies no
# column; missing values are found in one scan, and rows dropped only when there are rows to drop.

read_frame <- function(call, envir, threads = thread_count(NULL), formula = formula_of_call(call, envir),
                       data = data_of_call(call, formula, envir)) {
  na_action <- eval_na_action(call, envir, data)
  check_bars(formula, data)
  warn_strata(formula)
  frame <- frame_of_columns(call, formula, data) %||% frame_of_formula(call, envir, formula, data)
  rows <- .row_names_info(frame, 2L)
  frame <- apply_na_action(frame, na_action, threads)
  if (.row_names_info(frame, 2L) == 0) stop_no_rows(frame, rows, call)
  drop_unused_levels(frame)
}

# By stats::model.frame(), of data that are evaluated once.
frame_of_formula <- function(call, envir, formula, data) {
  frame_call <- new_frame_call(call)
  check_row_arguments(frame_call, data, environment(formula))
  has_classes <- !is.data.frame(data) || any(vapply(data, is.object, NA))
  plain <- if (has_classes) plain_data(data, needed_columns(frame_call) %||% ".") else data
  frame_call$formula <- formula
  where <- envir
  if (!is.environment(plain)) {
    # By a name: an error would write out its call.
    where <- list2env(list(.glmpp_data = plain), parent = envir)
    frame_call$data <- quote(.glmpp_data)
  } else if (!identical(plain, data)) {
    frame_call$data <- plain
  }
  frame_call$na.action <- quote(stats::na.pass)
  frame <- tryCatch(eval(frame_call, where), error = function(e) stop_frame(e, call, envir))
  remember_data(plain_frame(frame), plain, call$offset, has_classes)
}

# The same of variables that are plain columns of a data frame, or a function of R of one of them, and no other argument: without
# the many steps of model.frame(), which cost more than a small fit. NULL for all else.
frame_of_columns <- function(call, formula, data) {
  if (!is.data.frame(data) || inherits(formula, "terms") || any(row_arguments %in% names(call))) return(NULL)
  found <- recent_terms(formula, data)
  if (is.null(found)) return(NULL)
  terms <- found$terms
  names <- found$names
  columns <- if (found$are_columns) .subset(data, names)
             else lapply(as.list(attr(terms, "variables"))[-1L], plain_variable, data, environment(formula))
  kinds <- character(length(columns))
  for (k in seq_along(columns)) kinds[k] <- plain_kind(columns[[k]])
  if (!all(nzchar(kinds))) return(NULL)
  names(kinds) <- names
  attr(terms, "dataClasses") <- kinds
  row_names <- .row_names_info(data, 0L)
  rows <- .row_names_info(data, 2L)
  if (length(row_names) != rows) row_names <- c(NA_integer_, rows)
  attributes(columns) <- list(names = names, terms = terms, row.names = row_names, class = "data.frame")
  if (found$are_known) columns else remember_data(columns, data, NULL, has_classes = FALSE)
}

# Functions whose value is a plain column for a plain column, row by row but for the levels of factor().
functions_of_columns <- c("factor", "as.factor", "log", "log2", "log10", "log1p", "exp", "sqrt", "abs")

# NULL where it is no column, nor a function of one.
plain_variable <- function(variable, data, envir) {
  if (is.symbol(variable)) return(.subset2(data, as.character(variable)))
  if (length(variable) != 2L || !is.symbol(variable[[2L]]) || !is.symbol(variable[[1L]])) return(NULL)
  name <- as.character(variable[[1L]])
  # Not one of the same name that the user has made.
  if (!name %in% functions_of_columns || !identical(get0(name, envir, mode = "function"), get(name, baseenv()))) return(NULL)
  column <- .subset2(data, as.character(variable[[2L]]))
  if (is.null(column) || !nzchar(plain_kind(column)) || !is.null(attributes(column)) && !is.factor(column)) return(NULL)
  # An error is said by model.frame(), on its way.
  tryCatch(get(name, baseenv())(column), error = function(e) NULL, warning = function(w) NULL)
}

formula_operators <- c("~", "+", "-", "*", ":", "^", "(", ".")

# As .MFclass() names it; "" for what model.frame() would look at more closely.
plain_kind <- function(column) {
  if (is.object(column)) {
    class <- oldClass(column)
    return(if (identical(class, "factor")) "factor" else if (identical(class, c("ordered", "factor"))) "ordered" else "")
  }
  if (!is.null(dim(column))) return("")
  switch(typeof(column), double = , integer = "numeric", logical = "logical", character = "character", "")
}

formula_of_call <- function(call, envir) {
  formula <- eval(call$formula, envir)
  with_absorb(if (inherits(formula, "formula")) formula else stats::as.formula(formula, envir))
}

# For stats::glm(), which would take integer64 by its bits.
with_plain_data <- function(call, envir) {
  frame_call <- new_frame_call(call)
  formula <- formula_of_call(frame_call, envir)
  data <- data_of_call(frame_call, formula, envir)
  frame_call$formula <- formula
  plain <- plain_data(data, needed_columns(frame_call) %||% ".")
  if (!identical(plain, data)) call$data <- plain
  call
}

data_of_call <- function(call, formula, envir) if (is.null(call$data)) environment(formula) else eval(call$data, envir)

# What new rows are held against: the units of the variables, and which terms depend on all rows.
remember_data <- function(frame, data, offset, has_classes = TRUE) {
  terms <- attr(frame, "terms")
  written <- as.list(attr(terms, "variables"))[-1]
  is_plain <- !has_classes && is.null(offset) && all(vapply(written, is.symbol, NA)) && all(as.character(written) %in% names(data))
  if (is_plain) return(frame)
  envir <- environment(terms)
  # Names that are no columns belong to the formula's environment.
  names <- predictor_names(terms)
  units <- if (has_classes || !all(names %in% names(data))) units_of_variables(names, data, envir)
  if (length(units)) attr(frame, "units") <- units
  of_all_rows <- c(variables_of_all_rows(frame, data, length(units) > 0),
                   if (may_need_all_rows(offset) && depends_on_rows(offset, data, envir)) "(offset)")
  if (length(of_all_rows)) attr(frame, "of_all_rows") <- of_all_rows
  frame
}

# What R says of a formula that can't be evaluated, with what it leaves out.
stop_frame <- function(error, call = NULL, envir = parent.frame(), newdata = NULL) {
  text <- conditionMessage(error)
  data <- if (is.null(call$data)) newdata else tryCatch(eval(call$data, envir), error = function(e) NULL)
  source <- if (is.null(newdata)) "data" else "newdata"
  part <- function(pattern) regmatches(text, regexec(pattern, text))[[1]]
  made_in <- sprintf("In %s.", substr(deparse1(conditionCall(error)), 1, 120))
  if (length(name <- part("^object '(.*)' not found$"))) {
    stop_glmpp("frame", text,
               x = if (is.null(data)) sprintf("`%s` is not a column of any `%s`, and there is no such object.", name[2], source)
                   else sprintf("`%s` is not a column of `%s`, and there is no such object.", name[2], source),
               i = did_you_mean(name[2], names(data)),
               i = if (length(data)) sprintf("`%s` has %s.", source, comma(names(data))))
  } else if (length(name <- part("^variable lengths differ \\(found for '(.*)'\\)$"))) {
    outside <- if (!is.null(newdata)) setdiff(all.vars(tryCatch(str2lang(name[2]), error = function(e) NULL)), names(newdata))
    stop_glmpp("frame", text,
               x = if (length(outside)) sprintf("Not in `newdata`: %s.", comma(outside)) else length_of_variable(name[2], call, data, envir),
               i = "All variables of a model must have one value per row.")
  } else if (length(name <- part("^invalid type \\((.*)\\) for variable '(.*)'$"))) {
    stop_glmpp("frame", text,
               i = if (name[2] == "NULL") sprintf("`%s` is NULL: is its name right?", name[3])
                   else function_of_another_package(sub("\\(.*", "", name[3])) %||%
                     "A variable must be numeric, logical, text, a factor, or a matrix of numbers.")
  } else if (length(part("^'data' must be a data.frame"))) {
    stop_glmpp("frame", text, x = sprintf("`%s` is %s.", source, describe_type(data)),
               i = file_remedy(data) %||% sprintf("Make it one by `as.data.frame(%s)`.", source))
  } else if (length(part("^'.' in formula and no 'data'"))) {
    stop_glmpp("frame", text, i = "`.` stands for all other columns of `data`: give `data`.")
  } else if (length(name <- part("^could not find function \"(.*)\"$"))) {
    stop_glmpp("frame", text, i = function_of_another_package(name[2]) %||%
                 sprintf("Load the package that has %s(), or write `package::%s()`.", name[2], name[2]))
  }
  stop_glmpp("frame", text, i = if (!is.null(conditionCall(error))) made_in)
}

length_of_variable <- function(name, call, data, envir) {
  special <- grepl("^\\(.*\\)$", name)
  count <- tryCatch({
    expression <- if (special) call[[gsub("[()]", "", name)]] else str2lang(name)
    NROW(eval(expression, data, envir))
  }, error = function(e) NULL)
  if (length(count)) {
    sprintf("`%s` has %s%s.", gsub("[()]", "", name), plural(count, "value"),
            if (is.data.frame(data)) paste0(if (is.null(call$data)) "; `newdata` has " else "; `data` has ", plural(nrow(data), "row")) else "")
  }
}

new_frame_call <- function(call) {
  wanted <- c("formula", "data", "subset", "weights", "etastart", "mustart", "offset")
  frame_call <- as.call(as.list(call)[c(1L, match(wanted, names(call), 0L))])
  frame_call[[1L]] <- quote(stats::model.frame)
  frame_call
}

# As model.frame.default() finds it: the argument, the data's attribute, the option.
eval_na_action <- function(call, envir, data = NULL) {
  if (any(names(call) == "na.action")) {
    action <- eval(call$na.action, envir)
  } else {
    action <- attr(data, "na.action")
    if (is.null(action) || mode(action) == "numeric") action <- getOption("na.action")
  }
  if (is.null(action) || is.function(action)) return(action)
  found <- if (is.character(action) && length(action) == 1) get0(action, envir, mode = "function")
  if (!is.null(found)) return(found)
  stop_glmpp("argument", "`na.action` must be a function, its name, or NULL.",
             x = if (is.character(action)) sprintf("There is no function %s.", dQuote(action[1], FALSE))
                 else sprintf("It is %s.", describe_type(action)),
             i = "Use na.omit, na.exclude or na.fail.")
}

apply_na_action <- function(frame, action, threads) {
  scan <- scan_columns_impl(unclass(frame), .row_names_info(frame, 2L), threads)
  drops_rows <- identical(action, na.omit) || identical(action, na.exclude)
  refuse_infinite(scan, frame, if (drops_rows) scan$rows)
  if (is.null(action) || identical(action, na.pass)) return(refuse_missing(frame, scan))
  if (drops_rows && !length(scan$rows)) return(frame)
  if (identical(action, na.fail)) return(refuse_missing(frame, scan))
  if (!drops_rows) return(action(frame))
  drop_rows(frame, scan, if (identical(action, na.omit)) "omit" else "exclude")
}

refuse_missing <- function(frame, scan) {
  bad <- which(scan$missing > 0)
  if (!length(bad)) return(frame)
  counts <- sprintf("`%s` has %g", names(frame)[bad], scan$missing[bad])
  stop_glmpp("missing", "missing values in object: no NA is allowed by this `na.action`.",
             x = sprintf("%s; the first is in row %d.", comma(counts), scan$rows[1]),
             i = "Use `na.action = na.omit` or `na.exclude` to drop such rows.")
}

# What na.omit() does to a data frame, with the columns' other attributes kept (the coefficients of
# poly(), the knots of ns()), as model.frame() does.
drop_rows <- function(frame, scan, class) {
  omitted <- structure(scan$rows, names = as.character(attr(frame, "row.names")[scan$rows]),
                       class = class)
  kept <- frame[-scan$rows, , drop = FALSE]
  for (k in seq_along(frame)) {
    lost <- setdiff(names(attributes(frame[[k]])), c(names(attributes(kept[[k]])), "names", "dim",
                                                     "dimnames", "tsp"))
    for (name in lost) attr(kept[[k]], name) <- attr(frame[[k]], name)
    if (!is.null(oldClass(frame[[k]]))) oldClass(kept[[k]]) <- oldClass(frame[[k]])
  }
  attr(kept, "terms") <- attr(frame, "terms")
  attr(kept, "na.action") <- omitted
  attr(kept, "na.counts") <- structure(scan$missing, names = names(frame))
  kept
}

stop_no_rows <- function(frame, rows, call) {
  counts <- attr(frame, "na.counts")
  counts <- counts[counts > 0]
  stop_glmpp("no_rows", "0 rows left to fit.",
             i = if (length(counts) == length(frame) && !is.null(call$subset)) "Does `subset` choose rows that exist?",
             x = if (rows == 0) "The data, or `subset`, have no rows.",
             x = if (length(counts)) paste0(comma(sprintf("%s has %g NA", names(counts), counts)), ", of ",
                                            plural(rows, "row"), "."))
}

drop_unused_levels <- function(frame) {
  for (k in seq_along(frame)) {
    column <- .subset2(frame, k)
    if (!is.object(column) || !is.factor(column) || all(used_levels_impl(column, nlevels(column)))) next
    name <- names(frame)[k]
    frame[[name]] <- column[, drop = TRUE]
    attr(frame, "unused_levels")[[name]] <- setdiff(levels(column), levels(frame[[name]]))
    if (!identical(attr(frame[[name]], "contrasts"), attr(column, "contrasts"))) {
      warn_glmpp("contrasts", sprintf("Contrasts dropped from factor `%s` due to missing levels.", name))
    }
  }
  frame
}
