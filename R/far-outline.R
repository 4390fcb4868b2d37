# The outline: what a first pass over rows that are elsewhere finds out, so that the schema can be fixed before
# any sum is made. Outlines of parts merge, in any grouping.

# terms      those of the model frame, dots expanded
# variables  one for each column of the model frame, named: see describe_column()
# rows, kept rows that `subset` leaves, and those of them that the NA action leaves
# missing    NA counts of the columns, named
# response   what the fit must know of the response: see outline_response()
new_outline <- function(terms, variables, rows, kept, missing, response) {
  list(terms = terms, variables = variables, rows = rows, kept = kept, missing = missing, response = response)
}

merge_outlines <- function(a, b, label) {
  types <- merge_types(a$types, b$types, label)
  merged <- new_outline(if (a$kept > 0) a$terms else b$terms, merge_variables(a, b, label), a$rows + b$rows, a$kept + b$kept,
                        add_missing(a$missing, b$missing), merge_responses(a$response, b$response))
  c(merged, list(types = types))
}

add_missing <- function(a, b) if (is.null(a) || is.null(b)) a %||% b else a + b

# A column of a model frame: its kind, and for a categorical one the levels in order (`levels`) and those that
# occur (`used`).
describe_column <- function(column) {
  if (is.factor(column)) {
    list(kind = "factor", levels = levels(column), used = levels(column)[used_levels_impl(column, nlevels(column))],
         ordered = is.ordered(column), contrasts = attr(column, "contrasts"))
  } else if (is.character(column)) {
    used <- unique(column)
    list(kind = "text", levels = used[!is.na(used)], used = used[!is.na(used)])
  } else if (is.logical(column) && is.null(dim(column))) {
    list(kind = "logical")
  } else if (is.numeric(column)) {
    list(kind = "numeric", is_matrix = is.matrix(column), columns = NCOL(column), labels = colnames(column))
  } else {
    list(kind = "other", template = column[0], class = class(column), unit = attr(column, "units"))
  }
}

merge_variables <- function(a, b, label) {
  if (a$kept == 0) return(b$variables)
  if (b$kept == 0) return(a$variables)
  Map(function(x, y, name) merge_columns(x, y, name, label), a$variables, b$variables, names(a$variables))
}

merge_columns <- function(a, b, name, label) {
  kinds <- c(a$kind, b$kind)
  if (all(kinds == "factor") && identical(a$ordered, b$ordered)) return(merge_order_facts(a, b, name))
  if (all(kinds == "text")) {
    a$levels <- a$used <- union(a$used, b$used)
    return(a)
  }
  is_same <- function(what) identical(a[[what]], b[[what]])
  if (a$kind == b$kind && is_same("columns") && is_same("ordered") && is_same("class") && is_same("unit")) return(a)
  stop_glmpp("parts", sprintf("Column `%s` must be of one type everywhere.", name),
             x = sprintf("It is %s in %s, %s before.", column_words(b), label, column_words(a)),
             i = "Convert it in the formula, as in `as.numeric(x)` or `factor(x)`, or where the data are read.")
}

column_words <- function(column) {
  if (column$kind == "other") paste(c(sprintf("of class %s", dQuote(column$class[1], FALSE)), column$unit), collapse = " in ")
  else if (column$kind == "numeric" && column$columns > 1) sprintf("a matrix of %d columns", column$columns)
  else if (isTRUE(column$ordered)) "an ordered factor"
  else column$kind
}

# Sums over the response that do not depend on the coefficients, all over the kept rows: rows of positive weight, weights,
# w y (for a factor the weights of each level), log w, w log y, minus twice the saturated log-likelihood
# (where that and the deviance add up to the likelihood), the offset.
outline_response <- function(response, y, family) {
  refuse_zeros_of_quasi(response, family)
  weights <- full_weights(response)
  counts <- weights > 0
  list(effective_rows = sum(counts), sum_weights = sum(weights), y_range = if (is.numeric(y) && !has_trials(family)) range(y),
       weighted_y = if (is.factor(y)) NULL else sum(weights * response$y),
       level_weights = if (is.factor(y)) tapply(weights, y, sum, default = 0),
       log_weights = if (is.null(response$weights)) 0 else sum(log(weights)),
       log_y = if (reads_log_y(family)) sum((weights * log(response$y))[counts]) else 0,
       saturated = saturated_likelihood(response, family),
       offset = if (is.null(response$offset)) 0 else sum(response$offset), has_offset = !is.null(response$offset))
}

merge_responses <- function(a, b) {
  if (is.null(a) || is.null(b)) return(a %||% b)
  Map(function(x, y, name) {
    if (name == "level_weights") add_named(x, y) else if (name == "y_range") range_of(x, y) else if (name == "has_offset") x || y else if (is.null(x)) y
    else if (is.null(y)) x else x + y
  }, a, b[names(a)], names(a))
}

add_named <- function(a, b) {
  if (is.null(a) || is.null(b)) return(a %||% b)
  names <- union(names(a), names(b))
  from <- function(values) unname(ifelse(names %in% names(values), values[names], 0))
  structure(from(a) + from(b), names = names)
}

# Minus twice the log-likelihood when every mean is its response. Where numbers of trials or successes are no whole
# numbers, the likelihood has them rounded, and does not go with the deviance: NA.
saturated_likelihood <- function(response, family) {
  if (isTRUE(response$is_bernoulli)) return(0)
  if (!has_additive_likelihood(family) || response$rows == 0) return(0)
  trials <- response$trials %||% rep.int(1, response$rows)
  mean <- pmax(response$y, 1e-300)
  if (has_whole_trials(family) && has_fractions(response$y, response$trials %||% full_weights(response))) return(NA_real_)
  family$aic(response$y, trials, mean, full_weights(response), 0)
}

has_fractions <- function(y, trials) any(abs(trials - round(trials)) > 1e-6 | abs(trials * y - round(trials * y)) > 1e-6)

# The common mean of the response.
outline_mean <- function(outline) {
  response <- outline$response
  if (is.null(response$level_weights)) return(response$weighted_y / response$sum_weights)
  used <- outline_levels(outline$variables[[attr(outline$terms, "response")]])
  1 - unname(response$level_weights[used[1]]) / response$sum_weights
}

outline_levels <- function(variable) variable$levels[variable$levels %in% variable$used]

# A model frame without rows, from which new_schema() reads the same as from one with all of them.
outline_frame <- function(outline) {
  frame <- lapply(outline$variables, template_column)
  frame <- Map(function(column, name, variable) warn_lost_contrasts(column, name, variable), frame, names(frame),
               outline$variables)
  terms <- outline$terms
  units <- attr(terms, "units")
  attr(terms, "units") <- NULL
  attr(terms, "dataClasses") <- vapply(frame, stats::.MFclass, "")
  omitted <- outline$rows - outline$kept
  structure(frame, terms = terms, units = units, row.names = integer(), class = "data.frame",
            na.action = if (omitted > 0) structure(seq_len(omitted), class = "glmpp_omitted"))
}

template_column <- function(variable) {
  switch(variable$kind,
    factor = factor(character(), outline_levels(variable), ordered = variable$ordered, exclude = NULL),
    text = variable$used, logical = logical(),
    numeric = if (variable$is_matrix) matrix(0, 0, variable$columns, dimnames = list(NULL, variable$labels)) else numeric(),
    other = variable$template
  )
}

warn_lost_contrasts <- function(column, name, variable) {
  if (is.null(variable$contrasts)) return(column)
  if (length(levels(column)) < length(variable$levels)) {
    warn_glmpp("contrasts", sprintf("Contrasts dropped from factor `%s` due to missing levels.", name))
  } else {
    attr(column, "contrasts") <- variable$contrasts
  }
  column
}
