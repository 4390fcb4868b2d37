# Average effects as sums over the parts of the rows: of each variable moved, with the gradient in the coefficients.

# rows, weight; labels: variable and contrast; sums: a row for each, the effect and its gradient.
sum_effects <- function(object, parts, variables, settings) {
  total <- NULL
  parts(function(rows) {
    if (!nrow(rows)) return(invisible())
    names <- check_effect_variables(variables, object, rows)
    weights <- effect_weights(rows, settings$wts, object)
    moves <- lapply(names, function(name) move_variable(object, rows, name, weights, settings$state, settings))
    part <- list(rows = nrow(rows), weight = sum(weights), labels = do.call(rbind, lapply(moves, `[[`, "labels")),
                 sums = do.call(rbind, lapply(moves, `[[`, "sums")))
    total <<- if (is.null(total)) part else add_effects(total, part)
  })
  if (is.null(total) || !total$weight > 0) {
    stop_glmpp("no_rows", "There are no rows to average over.", x = "All miss a value, or weigh nothing.")
  }
  total
}

add_effects <- function(a, b) {
  a[c("rows", "weight", "sums")] <- Map(`+`, a[c("rows", "weight", "sums")], b[c("rows", "weight", "sums")])
  a
}

# Moved, such a term would be computed anew.
refuse_terms_of_all_rows <- function(variables, object) {
  terms <- object$schema$of_all_rows
  names <- lapply(terms, function(term) all.vars(if (term == "(offset)") object$call$offset else str2lang(term)))
  bound <- if (is.null(variables)) unlist(names) else intersect(variables, unlist(names))
  if (!length(bound)) return(invisible())
  stop_effect(bound[1], sprintf("`%s` takes its values from all rows at once.", terms[vapply(names, function(own) bound[1] %in% own, NA)][1]),
              "Make that term a column of the data before the fit, or write its numbers.")
}

check_effect_variables <- function(variables, object, rows) {
  known <- effect_variables(object, rows)
  if (!is.null(variables)) {
    bad <- if (is.character(variables)) setdiff(variables, intersect(names(rows), predictor_columns(object))) else deparse1(variables)
    if (length(bad)) {
      stop_glmpp("argument", "`variables` must name variables of the formula.", x = sprintf("%s is none.", comma(bad)),
                 i = did_you_mean(bad[1], known), i = sprintf("They are %s.", comma(known)))
    }
  }
  names <- unique(variables %||% known)
  if (!length(names)) stop_glmpp("argument", "The model has no variable to move.", i = "An intercept alone has no effects.")
  names
}

effect_weights <- function(rows, wts, object) {
  if (is.null(wts)) return(rep.int(1, nrow(rows)))
  if (!wts %in% names(rows)) stop_effect_weights(wts, names(rows))
  check_weights(plain_column(rows[[wts]], wts), nrow(rows), object$solver$threads, is_part = TRUE)
}

# `state` keeps what the first part has settled: scales of numbers, levels.
move_variable <- function(object, rows, name, weights, state, settings) {
  kind <- kind_of_move(name, rows[[name]], object)
  (if (kind == "number") move_number else move_levels)(object, rows, name, weights, state, settings)
}

# The sum of w (mu(x + h) - mu(x - h)) / 2 h for each column, and its gradient.
move_number <- function(object, rows, name, weights, state, settings) {
  column <- plain_column(rows[[name]], name)
  expressions <- expressions_of(name, object)
  is_smooth <- all(vapply(expressions, function(expression) is_smooth_in(name, expression), NA))
  sums <- lapply(seq_len(NCOL(column)), function(j) {
    values <- column_values(column, j)
    step <- function(scale) {
      by <- step_sizes(values, scale, is_smooth)
      width <- (values + by) - (values - by)
      at <- function(by) means_at(object, replace(rows, name, list(shift_column(column, j, by))), weights / width, name, settings$type)
      difference_of(at(by), at(-by), weights / width)
    }
    key <- paste(name, j)
    if (is.null(state[[key]])) state[[key]] <- scale_of_column(values, function(scale) step(scale)[1])
    sum <- step(state[[key]])
    if (any(vapply(expressions, may_need_all_rows, NA))) check_slope(name, sum[1], step(state[[key]] / 8)[1])
    sum
  })
  labels <- if (NCOL(column) == 1) name else numeric_labels(name, column)
  list(labels = data.frame(variable = labels, contrast = "dY/dX"), sums = do.call(rbind, sums))
}

# Of functions that are not known here: across a jump the slope grows as the step shrinks, and between jumps there is none.
check_slope <- function(name, slope, of_smaller_step) {
  if (slope != 0 && abs(of_smaller_step - slope) <= 0.01 * abs(slope)) return(invisible())
  stop_effect(name, if (slope == 0) "A function of it is flat." else "A function of it jumps.",
              "Make that function's value a column of the data before the fit.")
}

move_levels <- function(object, rows, name, weights, state, settings) {
  column <- rows[[name]]
  levels <- state[[name]] %||% levels_to_move(name, column, object, settings$is_whole)
  if (length(levels) < 2) stop_effect(name, sprintf("Its only level is %s.", dQuote(levels, FALSE)), "An effect needs two levels.")
  at <- function(level) means_at(object, replace(rows, name, list(set_level(name, column, level, levels))), weights, name, settings$type)
  reference <- at(levels[1])
  sums <- lapply(levels[-1], function(level) difference_of(at(level), reference, weights))
  list(labels = data.frame(variable = name, contrast = paste(levels[-1], "-", levels[1])), sums = do.call(rbind, sums))
}

difference_of <- function(upper, lower, weights) c(sum(weights * (upper$mean - lower$mean)), upper$gradient - lower$gradient)

# The means of rows, and X'(w dmu/deta).
means_at <- function(object, rows, weights, name, type) {
  # Of splines beyond their last knot, and of logarithms.
  found <- suppressWarnings(read_new_rows(object, rows, stats::na.pass, "error"), "simpleWarning")
  threads <- object$solver$threads
  if (!length(found$unknown)) {
    eta <- linear_predictor_impl(found$design, unname(known_coefficients(object)), threads) + found$offset
    mean <- if (type == "link") eta else object$family$linkinv(eta)
    slope <- if (type == "link") rep.int(1, length(eta)) else object$family$mu.eta(eta)
    if (all(is.finite(mean))) return(list(mean = mean, gradient = as.vector(cross_product_impl(found$design, weights * slope, threads))))
  }
  stop_effect(name, "Where it is moved a little, or to a level, some rows have no mean.",
              "Leave those rows out by `newdata`: is a logarithm or a root at 0?")
}
