# Does the fit run away? At an optimum that is infinitely far the score is next to nothing, and still
# Newton's step moves the predictors of the separated rows by about one. Where that step keeps every row at
# least where it is, it proves that no maximum likelihood estimate exists (Albert and Anderson 1984).

find_category_separation <- function(solution, problem) {
  design <- problem$design
  response <- problem$response
  settings <- problem$settings
  if (is_penalised(settings) || takes_all_iterations(settings$solver) || !length(solution$estimable)) return(NULL)
  step <- last_step(solution, list(coefficients = length(solution$names)))
  moves <- if (all(is.finite(step))) row_moves(step, design, response, settings)
  if (!isTRUE(max(abs(moves)) > moving)) return(NULL)
  gains <- row_gains(moves, response)
  # What the step does to rows that are not separated is its rounding, once the deviance has settled.
  kept <- 1e-4
  is_complete <- all(gains$least > 0)
  if (!is_complete && !(solution$converged && all(gains$least >= -kept))) return(NULL)
  runaway <- moving_coefficients(step, solution)
  list(type = if (is_complete) "complete" else "quasi-complete",
       coefficients = named(sign(step[runaway]) * Inf, solution$names[runaway]),
       classes = separated_classes(gains, kept, response),
       rows = list(count = sum(gains$most > kept), first = utils::head(gains$rows[gains$most > kept], 10)))
}

# A fit near its optimum moves no predictor by so much.
moving <- 0.1

# How the predictors of the classes move: a column for each; for an ordinal model those of the thresholds.
row_moves <- function(step, design, response, settings) {
  classes <- length(response$classes)
  if (is_ordinal(response$family)) {
    eta <- linear_predictor_impl(design, step[-seq_len(classes - 1)], settings$threads)
    return(outer(-eta, step[seq_len(classes - 1)], "+"))
  }
  step <- matrix(step, nrow = length(free_classes(response)), byrow = TRUE)
  category_predictors(list(coefficients = step), design, NULL, response$baseline, settings$threads)
}

# What each row with weight gains: its class against each other class, or its class between its thresholds.
row_gains <- function(moves, response) {
  used <- full_weights(response) > 0
  if (is.null(response$counts)) {
    rows <- which(used)
    codes <- response$codes[rows]
  } else {
    cells <- which(response$counts > 0 & used, arr.ind = TRUE)
    rows <- unname(cells[, 1])
    codes <- unname(cells[, 2])
  }
  moves <- moves[rows, , drop = FALSE]
  own <- cbind(seq_along(rows), codes)
  gains <- if (is_ordinal(response$family)) threshold_gains(moves, codes) else replace(moves[own] - moves, own, NA)
  parts <- c(as.data.frame(gains), na.rm = TRUE)
  list(rows = rows, codes = codes, gains = gains, least = do.call(pmin, parts), most = do.call(pmax, parts))
}

# The fewest classes, one after the other, with which every pair of classes that is told apart is named.
separated_classes <- function(gains, kept, response) {
  count <- length(response$classes)
  if (is_ordinal(response$family)) return(response$classes[sort(unique(gains$codes[gains$most > kept]))])
  apart <- vapply(seq_len(count), function(k) {
    vapply(seq_len(count), function(j) any(gains$gains[gains$codes == j, k] > kept, na.rm = TRUE), NA)
  }, logical(count))
  apart <- apart | t(apart)
  found <- integer()
  while (any(apart)) {
    found <- c(found, which.max(rowSums(apart)))
    apart[found, ] <- apart[, found] <- FALSE
  }
  response$classes[sort(found)]
}

threshold_gains <- function(moves, codes) {
  each <- seq_along(codes)
  above <- cbind(moves, NA)[cbind(each, codes)]
  below <- cbind(NA, moves)[cbind(each, codes)]
  cbind(above, -below)
}

# Those that the step changes by more than a thousandth of the largest, in units of their information.
moving_coefficients <- function(step, solution) {
  size <- numeric(length(step))
  columns <- solution$root[, seq_along(solution$estimable), drop = FALSE]
  size[solution$estimable] <- abs(step[solution$estimable]) * sqrt(colSums(columns^2))
  which(size > 1e-3 * max(size))
}

warn_category_separation <- function(separation) {
  runaway <- separation$coefficients
  warn_glmpp("separation", paste0("the maximum likelihood estimate does not exist: ", separation$type, " separation"),
             x = sprintf("It concerns %s %s.", if (length(separation$classes) == 1) "class" else "the classes",
                         comma(dQuote(separation$classes, FALSE))),
             x = sprintf("Running to infinity: %s.", comma(sprintf("%s (%s)", names(runaway), runaway))),
             x = sprintf("%s can be told apart without error, from row %d on.", plural(separation$rows$count, "row"),
                         separation$rows$first[1]),
             i = "Estimates, standard errors and tests of these coefficients have no meaning.",
             i = "Drop or simplify the variables that separate, merge classes, or penalise by `penalty = ridge()`.")
}

# A fit that has not converged, with the coefficients that its last step would still move.
warn_category_convergence <- function(solution, settings) {
  if (solution$converged || takes_all_iterations(settings$solver)) return(invisible())
  step <- last_step(solution, list(coefficients = length(solution$names)))
  still <- if (all(is.finite(step))) solution$names[moving_coefficients(step, solution)]
  warn_glmpp("convergence", "algorithm did not converge",
             x = stop_reasons[[solution$reason]],
             x = if (length(still)) sprintf("Its last step still moves %s.", comma(still)),
             i = if (is.null(settings$solver$options$iterations)) "Raise `maxit` by `control = glmpp_control(maxit = )`."
                 else sprintf("Raise `iterations` of %s().", settings$solver$name),
             i = "If they run to infinity however long it goes on, classes are nearly separated: penalise by `penalty = ridge()`.")
}
