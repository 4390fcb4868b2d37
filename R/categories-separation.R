# Does the fit run away? At an optimum that is infinitely far the score is next to nothing, and still
# Newton's step moves the predictors of the separated rows by about one. Where that step keeps every row at
# least where it is, it proves that no maximum likelihood estimate exists (Albert and Anderson 1984).

find_category_separation <- function(solution, design, response, settings) {
  if (!length(solution$active)) return(NULL)
  step <- replace(numeric(length(solution$names)), solution$active, newton_step(solution))
  if (!all(is.finite(step))) return(NULL)
  # A fit that has settled but for a ten-thousandth of the predictors is near its optimum.
  moves <- row_moves(step, design, response, settings)
  largest <- max(abs(moves), 0)
  if (!is.finite(largest) || largest < 0.1) return(NULL)
  gains <- row_gains(moves, response)
  runaway <- runaway_coefficients(step, solution)
  kept <- 1e-3 * largest
  is_proof <- all(gains$least >= -kept)
  list(type = if (!is_proof) "divergence" else if (all(gains$least > kept)) "complete" else "quasi-complete",
       coefficients = named(sign(step[runaway]) * Inf, solution$names[runaway]),
       classes = response$classes[gains$classes > kept],
       rows = list(count = sum(gains$most > kept), first = utils::head(gains$rows[gains$most > kept], 10)))
}

# How the predictors of the classes move: a column for each; for an ordinal model those of the thresholds.
row_moves <- function(step, design, response, settings) {
  classes <- length(response$classes)
  if (is_ordinal(response$family)) {
    eta <- linear_predictor_impl(design, step[-seq_len(classes - 1)], settings$threads)
    return(outer(-eta, step[seq_len(classes - 1)], "+"))
  }
  step <- matrix(step, nrow = classes - 1, byrow = TRUE)
  category_predictors(list(coefficients = step), design, NULL, core_baseline(response), settings$threads)
}

# What each row with weight gains: its class against each other class, or its class between its thresholds. A
# class counts as separated by the most that any of its rows gains.
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
  gains <- if (is_ordinal(response$family)) threshold_gains(moves, codes)
           else moves[cbind(seq_along(rows), codes)] - moves
  if (!is_ordinal(response$family)) gains[cbind(seq_along(rows), codes)] <- NA
  least <- do.call(pmin, c(as.data.frame(gains), na.rm = TRUE))
  most <- do.call(pmax, c(as.data.frame(gains), na.rm = TRUE))
  classes <- vapply(seq_along(response$classes), function(k) max(most[codes == k], -Inf), 0)
  list(least = least, most = most, rows = rows, classes = classes)
}

threshold_gains <- function(moves, codes) {
  each <- seq_along(codes)
  above <- cbind(moves, NA)[cbind(each, codes)]
  below <- cbind(NA, moves)[cbind(each, codes)]
  cbind(above, -below)
}

# Those that the step changes by more than a thousandth of the largest, in units of their information.
runaway_coefficients <- function(step, solution) {
  size <- numeric(length(step))
  columns <- solution$root[, seq_along(solution$active), drop = FALSE]
  size[solution$active] <- abs(step[solution$active]) * sqrt(colSums(columns^2))
  which(size > 1e-3 * max(size))
}

warn_category_separation <- function(separation) {
  if (is.null(separation)) return(invisible())
  is_proof <- separation$type != "divergence"
  runaway <- separation$coefficients
  warn_glmpp("separation",
             if (is_proof) paste0("the maximum likelihood estimate does not exist: ", separation$type, " separation")
             else "the fit diverges: its last step still moves the predictors",
             x = if (length(separation$classes)) sprintf("Of the classes %s.", comma(dQuote(separation$classes, FALSE))),
             x = sprintf("Running to infinity: %s.", comma(sprintf("%s (%s)", names(runaway), runaway))),
             x = if (is_proof) sprintf("%s can be told apart without error, from row %d on.", plural(separation$rows$count, "row"),
                                       separation$rows$first[1]),
             i = "Estimates, standard errors and tests of these coefficients have no meaning.",
             i = if (is_proof) "Drop or simplify the variables that separate, merge classes, or penalise by a ridge."
                 else "Raise `maxit` by `control = glmpp_control(maxit = )`, or scale the columns.")
}
