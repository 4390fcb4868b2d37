# How a variable is moved for its effect: a number by a small step to both sides, levels from the reference to each other one.

# The variables of the model that rows have: what the columns are made of, without those that only offsets use.
effect_variables <- function(object, rows) {
  uses <- used_expressions(object)
  intersect(unique(unlist(lapply(uses, function(use) all.vars(use$expression)))), names(rows))
}

# Variables of the model frame that are in a term: as the formula writes them, with what the schema knows.
used_expressions <- function(object) {
  expressions <- as.list(attr(object$terms, "variables"))[-1]
  uses <- Map(function(expression, variable) list(expression = expression, variable = variable), expressions, object$schema$variables)
  Filter(function(use) use$variable$is_used, uses)
}

uses_of <- function(name, object) Filter(function(use) name %in% all.vars(use$expression), used_expressions(object))

# What a number is in, offsets too.
expressions_of <- function(name, object) {
  variables <- attr(object$terms, "variables")
  offsets <- c(lapply(attr(object$terms, "offset"), function(k) variables[[k + 1]]), list(object$call$offset))
  Filter(function(expression) name %in% all.vars(expression), c(lapply(used_expressions(object), `[[`, "expression"), offsets))
}

# "number", or "levels"; what is both, or steps, is refused.
kind_of_move <- function(name, column, object) {
  if (is.factor(column) || is.character(column) || is.logical(column) && is.null(dim(column))) return("levels")
  if (!is.atomic(column) || !typeof(column) %in% c("double", "integer") || length(dim(column)) > 2) {
    stop_effect(name, sprintf("It is %s.", describe_type(column)), "A variable must be numeric, logical, text or a factor.")
  }
  uses <- uses_of(name, object)
  by_levels <- vapply(uses, function(use) is_categorical(use$variable), NA)
  if (!any(by_levels)) {
    for (expression in expressions_of(name, object)) refuse_steps(name, expression)
    return("number")
  }
  written <- comma(vapply(uses, function(use) deparse1(use$expression), ""))
  if (!all(by_levels)) {
    stop_effect(name, sprintf("It is a number and has levels in one model: %s.", written), "Give the two uses columns of their own in the data.")
  }
  if (!all(vapply(uses, keeps_levels, NA))) {
    stop_effect(name, sprintf("It is a number whose levels come from %s.", written), "Make them a column of the data before the fit.")
  }
  "levels"
}

stop_effect <- function(name, why, remedy) {
  stop_glmpp("effects", sprintf("`%s` has no average effect here.", name), x = why, i = remedy,
             i = "`variables` names those to take.")
}

# A level is a value of the variable itself.
keeps_levels <- function(use) {
  expression <- use$expression
  is.symbol(expression) ||
    is_call_of(expression, c("factor", "as.factor", "ordered", "as.ordered", "droplevels", "relevel", "as.character")) &&
    is.symbol(expression[[2]]) && is.null(expression$labels)
}

# Functions that are flat between jumps: their derivative is 0, or a jump over a step.
step_functions <- c("<", ">", "<=", ">=", "==", "!=", "%in%", "%%", "%/%", "round", "signif", "floor", "ceiling", "trunc", "cut",
                    "findInterval", "as.integer", "sign", "match", "rank", "is.na", "as.character", "format", "ifelse")

refuse_steps <- function(name, expression) {
  if (!is.call(expression) || !name %in% all.vars(expression)) return(invisible())
  if (is_call_of(expression, step_functions)) {
    stop_effect(name, sprintf("`%s` is flat between its steps, and has no derivative.", deparse1(expression)),
                "Make it a column of the data (logical, or a factor) before the fit. A kink can be written by pmax().")
  }
  for (part in as.list(expression)[-1]) refuse_steps(name, part)
}

# Whether a step at the scale of the variable is small wherever it is, as it is not beside the pole of a logarithm.
is_smooth_in <- function(name, expression) {
  if (!is.call(expression) || !name %in% all.vars(expression)) return(TRUE)
  parts <- as.list(expression)[-1]
  if (is_call_of(expression, "/")) return(!name %in% all.vars(parts[[2]]) && is_smooth_in(name, parts[[1]]))
  if (is_call_of(expression, "^")) {
    power <- parts[[2]]
    return(is.numeric(power) && power == round(power) && power >= 0 && is_smooth_in(name, parts[[1]]))
  }
  is_call_of(expression, c("+", "-", "*", "(", "I", "poly", "ns", "bs", "scale", "exp", "sin", "cos", "offset")) &&
    all(vapply(parts, function(part) is_smooth_in(name, part), NA))
}

# Central differences: the rounding of eps / h and the truncation of h^2 are of one size where h is the cube root of eps times the
# scale; where a function may have a pole, less, and no more than a small share of the value itself.
step_sizes <- function(values, scale, is_smooth) {
  if (is_smooth) return(rep.int(6e-6 * scale, length(values)))
  ifelse(values == 0, 1e-7 * scale, pmin(1e-7 * scale, 1e-4 * abs(values)))
}

# The scale of one column: its standard deviation, more where digits are lost to a far origin, as of years or times.
scale_of_column <- function(values, slope_at) {
  largest <- max(abs(values))
  spread <- if (min(values) < max(values)) stats::sd(values) else 0
  if (spread > 0) spread * max(1, largest / spread)^(1 / 3) else probed_scale(if (largest > 0) 1e4 * largest else 1e6, slope_at)
}

# Of a column without spread: where the slope settles as the step shrinks, before rounding takes over; else where it changes least.
probed_scale <- function(largest, slope_at) {
  sizes <- largest * 10^-(0:14)
  slopes <- vapply(sizes, function(size) tryCatch(slope_at(size), glmpp_error_effects = function(e) NA_real_), 0)
  change <- abs(diff(slopes)) / pmax(abs(slopes[-1]), abs(slopes[-length(slopes)]))
  best <- c(which(change < 1e-7), which.min(change))[1]
  sizes[if (is.na(best)) 1 else best + 1]
}

# Columns of numbers keep what they are: dates, units, matrices.
shift_column <- function(column, j, by) {
  moved <- as.double(unclass(column))
  places <- (j - 1) * NROW(column) + seq_len(NROW(column))
  moved[places] <- moved[places] + by
  attributes(moved) <- attributes(column)
  moved
}

column_values <- function(column, j) as.double(unclass(column))[(j - 1) * NROW(column) + seq_len(NROW(column))]

# The levels between which a variable is moved, the reference first.
levels_to_move <- function(name, column, object, is_whole) {
  if (is.logical(column)) return(c("FALSE", "TRUE"))
  known <- Filter(keeps_levels, Filter(function(use) is_categorical(use$variable), uses_of(name, object)))
  if (length(known)) return(known[[1]]$variable$levels)
  if (!is_whole) {
    stop_effect(name, "Its levels are those of all rows, which come part by part.", "Make its use in the formula a column of the data.")
  }
  if (is.factor(column)) levels(column)[sort(unique(as.integer(column)))] else sort_levels(column)
}

set_level <- function(name, column, level, levels) {
  count <- length(column)
  if (is.factor(column)) return(factor(rep.int(level, count), union(levels(column), levels), ordered = is.ordered(column)))
  if (is.character(column)) return(rep.int(level, count))
  if (is.logical(column)) return(rep.int(level == "TRUE", count))
  value <- suppressWarnings(as.numeric(level))
  if (is.na(value) || is.object(column)) {
    stop_effect(name, sprintf("Its level %s is no number.", dQuote(level, FALSE)), "Make it a factor in the data.")
  }
  rep.int(if (is.integer(column)) as.integer(value) else value, count)
}
