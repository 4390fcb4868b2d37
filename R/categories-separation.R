# Does the fit run away? At an optimum that is infinitely far the score is next to nothing, and still
# Newton's step moves the predictors of the separated rows by about one. Where that step keeps every row at
# least where it is, it proves that no maximum likelihood estimate exists (Albert and Anderson 1984).

find_category_separation <- function(solution, design, response, settings) {
  if (!is.null(settings$penalty) || takes_all_iterations(settings$solver) || !length(solution$active)) return(NULL)
  step <- last_step(solution, list(coefficients = length(solution$names)))
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
       classes = separated_classes(gains, kept, response),
       rows = list(count = sum(gains$most > kept), first = utils::head(gains$rows[gains$most > kept], 10)))
}

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
             x = sprintf("It concerns %s %s.", if (length(separation$classes) == 1) "class" else "the classes",
                         comma(dQuote(separation$classes, FALSE))),
             x = sprintf("Running to infinity: %s.", comma(sprintf("%s (%s)", names(runaway), runaway))),
             x = if (is_proof) sprintf("%s can be told apart without error, from row %d on.", plural(separation$rows$count, "row"),
                                       separation$rows$first[1]),
             i = "Estimates, standard errors and tests of these coefficients have no meaning.",
             i = if (is_proof) "Drop or simplify the variables that separate, merge classes, or penalise by a ridge."
                 else "Raise `maxit` by `control = glmpp_control(maxit = )`, or scale the columns.")
}
