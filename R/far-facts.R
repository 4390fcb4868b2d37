# What a formula asks of all rows (least, greatest, mean, levels, the coefficients of poly()) is found by a look at them
# before the first pass, and put into the expressions as constants, as stats::makepredictcall() does for predictions.
#
# A request is list(call, type, is_by_row): the call to be replaced; what for; whether sums of parts can answer it. A look is
#   raw       levels of the columns that are factors, see R/far-levels.R
#   partials  an answer for each request as far as parts can be added up, NULL where they can't
#   gathered  the columns that the requests read, all rows of them; NULL where they are too many, are not needed, or rows
#             don't travel

# Values that may be gathered: 40 MB of numbers.
most_gathered <- 5e6

request_value <- function(expression, scope) {
  inner <- new_judge(scope$part, scope$envir)
  is_by_row <- tryCatch({
    judge_arguments(expression, inner)
    !inner$is_unknown
  }, glmpp_error_parts = function(e) FALSE)
  if (is_by_row && length(inner$requests)) {
    scope$requests <- c(scope$requests, inner$requests)
    return("constant")
  }
  type <- if (is_by_row) value_type(expression) else "whole"
  add_request(scope, expression, type)
  "constant"
}

# `places`: the arguments that a request is about.
add_request <- function(scope, call, type, places = if (type == "levels") level_places(call, scope)) {
  scope$requests <- c(scope$requests, list(list(call = call, type = type, places = places)))
}

# "value" where the value of all rows is that of the values of parts, "moments" for means and spreads.
value_type <- function(expression) {
  name <- call_name(expression)
  if (name %in% c("min", "max", "range", "sum", "prod", "any", "all", "length", "NROW")) "value"
  else if (name %in% c("mean", "sd", "var") && has_only_na_rm(expression)) {
    "moments"
  } else "whole"
}

has_only_na_rm <- function(expression) {
  length(expression) == 2 || length(expression) == 3 && identical(names(expression)[3], "na.rm")
}

request_rewriting <- function(expression, scope) {
  name <- call_name(expression)
  if (name == "scale" && is_scaled(expression)) {
    judge_arguments(expression, scope, 2)
    return("row")
  }
  inner <- new_judge(scope$part, scope$envir)
  judge_arguments(expression, inner)
  scope$is_unknown <- scope$is_unknown || inner$is_unknown
  if (length(inner$requests)) scope$requests <- c(scope$requests, inner$requests)
  else add_request(scope, expression, rewriting_type(expression, name, scope))
  "row"
}

is_scaled <- function(expression) {
  is_known <- function(value) is.numeric(value) || isFALSE(value)
  is_known(expression$center) && is_known(expression$scale)
}

rewriting_type <- function(expression, name, scope) {
  if (name == "cut") return(check_cut(expression, scope))
  if (name %in% c(level_makers, "interaction")) return("levels")
  value <- tryCatch(eval(expression[[2]], scope$part, scope$envir), error = function(e) NULL)
  if (name == "scale" && is.null(dim(value)) && is_plain_scale(expression)) "scale" else "basis"
}

is_plain_scale <- function(expression) {
  given <- as.list(expression)[-(1:2)]
  if (length(given) && is.null(names(given))) return(FALSE)
  all(names(given) %in% c("center", "scale")) && (is.null(given$center) || isTRUE(given$center)) &&
    all(vapply(given, is.logical, NA))
}

# cut() of dates has other rules, by which levels are months or years.
check_cut <- function(expression, scope) {
  arguments <- cut_arguments(expression)
  value <- tryCatch(eval(arguments$x, scope$part, scope$envir), error = function(e) NULL)
  breaks <- tryCatch(eval(arguments$breaks, scope$envir), error = function(e) NULL)
  if (is.numeric(value) && !is.object(value) && is.numeric(breaks) && breaks >= 2) return("cut")
  stop_needs_all(expression, "Its intervals go by the range of all rows.")
}

# ---- A part's share ----

look_at_part <- function(requests, part, envir) {
  lapply(requests, function(request) {
    if (nrow(part)) in_frame(partial_of(request, part, envir))
  })
}

in_frame <- function(value) {
  tryCatch(suppressWarnings(value), error = function(e) if (inherits(e, "glmpp_error")) stop(e) else stop_frame(e))
}

partial_of <- function(request, part, envir) {
  call <- request$call
  value <- function(expression) eval(expression, part, envir)
  switch(request$type,
    value = list(value(call)),
    moments = , scale = moments_of(value(call[[2]])),
    cut = list(range(value(cut_arguments(call)$x), na.rm = TRUE)),
    levels = lapply(request$places, function(place) level_keys(value(call[[place]]))),
    NULL
  )
}

cut_arguments <- function(call) match.call(base::cut.default, call)

# Sums in two doubles, so that a mean is that of all rows to the last bit but one.
moments_of <- function(x) {
  if (!is.numeric(x) && !is.logical(x) || !is.null(dim(x))) return(NULL)
  known <- as.double(x[!is.na(x)])
  total <- sum(known)
  list(missing = sum(is.na(x)), count = length(known), total = total, rest = sum(known, -total),
       squares = if (length(known)) sum((known - total / length(known))^2) else 0)
}

merge_moments <- function(a, b) {
  if (a$count == 0 || b$count == 0) {
    kept <- if (a$count == 0) b else a
    kept$missing <- a$missing + b$missing
    return(kept)
  }
  total <- a$total + b$total
  share <- total - a$total
  rest <- (a$total - (total - share)) + (b$total - share) + a$rest + b$rest
  apart <- a$total / a$count - b$total / b$count
  list(missing = a$missing + b$missing, count = a$count + b$count, total = total, rest = rest,
       squares = a$squares + b$squares + apart^2 * a$count * b$count / (a$count + b$count))
}

# The distinct values that factor() would sort, or the levels that occur.
level_keys <- function(x) {
  if (is.factor(x)) {
    used <- levels(x)[used_levels_impl(x, nlevels(x))]
    return(list(is_factor = TRUE, levels = levels(x), used = used, has_missing = anyNA(x)))
  }
  list(is_factor = FALSE, values = sort(unique(x)), has_missing = anyNA(x))
}

merge_keys <- function(a, b) {
  if (is.null(a) || is.null(b)) return(a %||% b)
  if (a$is_factor != b$is_factor) stop_glmpp("parts", "A column must be a factor in all parts or in none.",
                                             i = "Convert it where the data are read, or by `factor(x, levels = )`.")
  a$has_missing <- a$has_missing || b$has_missing
  if (a$is_factor) a$used <- union(a$used, b$used)
  else a$values <- sort(unique(c(a$values, b$values)))
  a
}

# Which arguments of a call become factors of known levels: those that are none yet.
level_places <- function(call, scope) {
  if (call_name(call) != "interaction") return(2)
  Filter(function(place) reads_rows(call[[place]], scope) && !is_factor_of(call[[place]], scope), seq_along(call)[-1])
}

merge_partials <- function(request, a, b) {
  if (is.null(a) || is.null(b)) return(a %||% b)
  switch(request$type,
    value = list(merge_values(call_name(request$call), a[[1]], b[[1]])),
    moments = , scale = merge_moments(a, b),
    cut = list(range(a[[1]], b[[1]])),
    levels = Map(merge_keys, a, b)
  )
}

merge_values <- function(name, a, b) {
  name <- switch(name, length = , NROW = "sum", name)
  suppressWarnings(do.call(name, list(a, b)))
}

merge_looks <- function(requests, a, b) {
  if (is.null(a)) return(b)
  list(raw = merge_raw(a$raw, b$raw), partials = Map(merge_partials, requests, a$partials, b$partials))
}

# The columns of parts, one after the other.
bind_columns <- function(parts) {
  do.call(Map, c(function(...) (if (length(dim(..1)) == 2) rbind else c)(...), lapply(parts, as.list)))
}

# Columns of parts as long as they are few.
new_gatherer <- function(is_wanted) {
  parts <- if (is_wanted) list()
  count <- 0
  list(
    add = function(columns) {
      count <<- count + sum(lengths(columns))
      if (count > most_gathered) parts <<- NULL
      if (!is.null(parts)) parts[[length(parts) + 1]] <<- columns
    },
    columns = function() if (length(parts)) bind_columns(parts)
  )
}

# Least, greatest and levels are those of all rows to the bit by parts too.
is_exact_by_parts <- function(request) {
  request$type %in% c("cut", "levels") || request$type == "value" && !call_name(request$call) %in% c("sum", "prod")
}

# ---- From a look to constants ----

settle_requests <- function(model, part, requests, look) {
  envir <- environment(model$formula)
  changes <- Map(function(request, partial) list(call = request$call, by = replacement(request, partial, look$gathered, envir)),
                 requests, look$partials)
  expressions <- model_expressions(model, part)
  terms <- expressions$terms
  attr(terms, "predvars") <- as.call(c(quote(list), lapply(expressions$variables, replace_calls, changes)))
  model$frame_call$formula <- terms
  for (name in names(expressions$extras)) model$frame_call[[name]] <- replace_calls(expressions$extras[[name]], changes)
  model
}

replace_calls <- function(expression, changes) {
  for (change in changes) if (identical(expression, change$call)) return(change$by)
  if (!is.call(expression)) return(expression)
  for (place in seq_along(expression)) {
    # (A NULL put in by [[ would take the argument away.)
    if (!is_empty_argument(expression[[place]])) expression[place] <- list(replace_calls(expression[[place]], changes))
  }
  expression
}

replacement <- function(request, partial, gathered, envir) {
  call <- request$call
  if (request$type == "levels") return(with_levels(call, partial, request$places))
  if (request$type == "cut") return(with_breaks(call, partial[[1]], envir))
  if (!is.null(gathered)) return(in_frame(from_all_rows(call, request$type, request$places, gathered, envir)))
  if (is.null(partial)) {
    stop_needs_all(call, paste("Sums of parts can't say it: it takes all values of a column together, which are too many here",
                               "or may not leave their place."))
  }
  switch(request$type, value = partial[[1]], moments = from_moments(call, partial, envir), scale = scaled_by(call, partial))
}

from_all_rows <- function(call, type, places, gathered, envir) {
  if (type == "slot") {
    call[places] <- list(eval(call[[places]], gathered, envir))
    return(call)
  }
  value <- eval(call, gathered, envir)
  if (!type %in% c("scale", "basis")) return(value)
  if (call_name(call) == "scale") call <- as.call(c(call[[1]], as.list(match.call(base::scale.default, call))[-1]))
  settled <- stats::makepredictcall(value, call)
  if (identical(settled, call)) stop_needs_all(call, "It does not say what it needs of all rows.")
  settled
}

from_moments <- function(call, moments, envir) {
  drops <- isTRUE(eval(call$na.rm, envir))
  if (!drops && moments$missing > 0) return(NA_real_)
  switch(call_name(call), mean = moments_mean(moments), var = moments_variance(moments), sd = sqrt(moments_variance(moments)))
}

moments_mean <- function(moments) if (moments$count) (moments$total + moments$rest) / moments$count else NaN
moments_variance <- function(moments) if (moments$count > 1) moments$squares / (moments$count - 1) else NA_real_

scaled_by <- function(call, moments) {
  call$center <- moments_mean(moments)
  if (!isFALSE(call$scale)) call$scale <- sqrt(moments_variance(moments))
  call
}

# Equal intervals as cut.default() makes them of the range.
with_breaks <- function(call, range, envir) {
  settled <- cut_arguments(call)
  count <- eval(settled$breaks, envir) + 1
  width <- diff(range)
  breaks <- if (width == 0) {
    seq.int(range[1] - abs(range[1]) / 1000, range[2] + abs(range[1]) / 1000, length.out = count)
  } else {
    replace(seq.int(range[1], range[2], length.out = count), c(1, count), c(range[1] - width / 1000, range[2] + width / 1000))
  }
  settled$breaks <- breaks
  settled[[1]] <- call[[1]]
  settled
}

with_levels <- function(call, keys, places) {
  name <- call_name(call)
  if (name == "interaction") {
    for (k in seq_along(keys)) call[[places[k]]] <- as_levels(call[[places[k]]], keys[[k]], FALSE)
    return(call)
  }
  keys <- keys[[1]]
  if (name == "addNA") {
    call[[2]] <- as_levels(call[[2]], keys, FALSE)
    return(call)
  }
  if (name %in% c("as.factor", "as.ordered") && keys$is_factor) {
    return(if (name == "as.ordered") as.call(list(quote(factor), call[[2]], levels = keys$levels, ordered = TRUE)) else call[[2]])
  }
  keeps_missing <- "exclude" %in% names(call) && is.null(call$exclude)
  made <- as_levels(call[[2]], keys, keeps_missing)
  if (name %in% c("ordered", "as.ordered")) made$ordered <- TRUE
  if (!is.null(call$labels)) made$labels <- call$labels
  if (!is.null(call$ordered)) made$ordered <- call$ordered
  if (keeps_missing) made["exclude"] <- list(NULL)
  else if (!is.null(call$exclude)) made$exclude <- call$exclude
  made
}

as_levels <- function(expression, keys, keeps_missing) {
  levels <- if (keys$is_factor) keys$levels[keys$levels %in% keys$used] else keys$values
  as.call(list(quote(factor), expression, levels = if (keeps_missing && keys$has_missing) c(levels, NA) else levels))
}

# ---- The rounds of a first pass ----

# Innermost calls are settled first; formulas nest no deeper than this.
most_looks <- 6L

stop_endless_looks <- function() {
  stop_glmpp("parts", "The formula asks of all rows what can't be settled beforehand.",
             i = "Make such terms columns of the data, or write them with numbers in place of what all rows say.")
}

# Before the first rows are read: whether the formula can be, and what must be known for it. Signals where that is more
# than this part knows.
judge_part <- function(home, part) {
  model <- home$model
  raw <- raw_levels(part, model$columns, attr(part, "label"))
  if (is.null(home$judged)) {
    settled <- with_raw_levels(part, model$raw_levels)
    home$model <- model <- freeze_subset(model, settled)
    home$judged <- judge_model(model, settled)
    needs_raw <- isTRUE(model$is_part) && length(raw) && is.null(model$raw_levels)
    if (length(home$judged$requests) || needs_raw) signal_look(home$judged$requests, part[0, , drop = FALSE])
    if (length(home$judged$unknown)) home$probe <- new_probe(home$judged$unknown, environment(model$formula))
    home$raw <- raw
    if (is.null(model$raw_levels) && length(raw)) try_first_part(model, part)
  } else if (is.null(model$raw_levels) && is_new_raw(home$raw, raw)) {
    signal_look(list(), part[0, , drop = FALSE])
  }
  check_condition_type(model, with_raw_levels(part, model$raw_levels))
}

# A level that this part lacks, another may have.
try_first_part <- function(model, part) {
  tryCatch(suppressWarnings(part_frame(model, nameless_rows(part, seq_len(min(nrow(part), 100))))),
           glmpp_error_frame = function(e) signal_look(list(), part[0, , drop = FALSE]))
}

is_new_raw <- function(known, raw) {
  shape <- function(column) list(column$orders[[1]]$levels, column$ordered)
  !identical(lapply(known, shape), lapply(raw, shape))
}

look_at_parts <- function(home, requests, gathers) {
  gatherer <- new_gatherer(gathers && !all(vapply(requests, is_exact_by_parts, NA)))
  model <- home$model
  envir <- environment(model$formula)
  columns <- unique(unlist(lapply(requests, function(request) all.vars(request$call))))
  look <- fold_parts(home, function(part) {
    raw <- raw_levels(part, model$columns, attr(part, "label"))
    part <- with_raw_levels(part, model$raw_levels)
    gatherer$add(part[intersect(columns, names(part))])
    list(raw = raw, partials = look_at_part(requests, part, envir))
  }, function(a, b) merge_looks(requests, a, b))
  if (!is.null(look)) look$gathered <- gatherer$columns()
  look
}

# Levels of columns come first: what is asked of them is asked again once they are the same everywhere.
settle_by_look <- function(model, template, requests, look) {
  before <- model$raw_levels
  model$raw_levels <- c(before, settle_raw(look$raw[setdiff(names(look$raw), names(before))]))
  if (length(model$raw_levels) > length(before)) return(model)
  if (length(requests)) settle_requests(model, template, requests, look) else model
}

# What holds of all rows only.
finish_outline <- function(outline, model) {
  outline$variables <- settle_variables(outline$variables)
  # Passes after the fit are over the same rows and terms, whatever would be drawn or looked at anew.
  outline$settled <- model[intersect(c("frame_call", "row_subset", "raw_levels"), names(model))]
  check_whole(outline, model$family)
  outline
}

# The columns of a part's model frame, with what they say of the order of levels.
describe_frame <- function(frame, part, model, label) {
  expressions <- variable_expressions(attr(frame, "terms"))
  envir <- environment(model$formula)
  Map(function(column, expression) {
    described <- describe_column(column)
    if (described$kind != "factor") return(described)
    c(described, order_of_levels(column, expression, part, envir, label))
  }, frame, c(expressions, vector("list", length(frame) - length(expressions))))
}
