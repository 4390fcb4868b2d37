# An independent check of separation, as Konis (2007) has it: the linear programme max sum(s Xd) subject to
# s Xd >= 0 on one-sided rows, Xd = 0 on the others and |d| <= 1 has the value zero if and only if
# no direction separates. Solved on the full design matrix by a dense simplex of our own, and by lpSolve
# where that is installed.

# The sides as the model defines them, from the response alone.
expected_sides <- function(successes, failures, one_sided_link) {
  sides <- ifelse(successes > 0 & failures > 0, 0, ifelse(successes > 0, 1, -1))
  if (one_sided_link) sides[successes > 0] <- 0
  replace(sides, successes + failures == 0, NA)
}

separation_programme <- function(x, sides) {
  x <- x[!is.na(sides), , drop = FALSE]
  sides <- sides[!is.na(sides)]
  x <- sweep(x, 2, pmax(apply(abs(x), 2, max), 1e-300), "/")
  open <- x[sides != 0, , drop = FALSE] * sides[sides != 0]
  fixed <- x[sides == 0, , drop = FALSE]
  signs <- function(rows) cbind(rows, -rows)
  p <- ncol(x)
  list(objective = colSums(signs(open)), left = rbind(-signs(open), signs(fixed), -signs(fixed), diag(2 * p)),
       right = c(numeric(nrow(open) + 2 * nrow(fixed)), rep(1, 2 * p)))
}

# max c'u, Au <= b, u >= 0 with b >= 0: the condensed tableau, with Bland's rule against cycles.
simplex_value <- function(programme, tolerance = 1e-9) {
  table <- rbind(cbind(programme$left, programme$right), c(-programme$objective, 0))
  m <- nrow(table) - 1
  n <- ncol(table) - 1
  column_names <- seq_len(n)
  row_names <- n + seq_len(m)
  for (pivot in seq_len(5000)) {
    entering <- which(table[m + 1, seq_len(n)] < -tolerance)
    if (!length(entering)) return(table[m + 1, n + 1])
    k <- entering[which.min(column_names[entering])]
    rows <- which(table[seq_len(m), k] > tolerance)
    ratio <- table[rows, n + 1] / table[rows, k]
    rows <- rows[ratio <= min(ratio) + 1e-12]
    r <- rows[which.min(row_names[rows])]
    table <- exchange(table, r, k)
    swap <- row_names[r]
    row_names[r] <- column_names[k]
    column_names[k] <- swap
  }
  stop("the simplex did not end")
}

exchange <- function(table, r, k) {
  pivot <- table[r, k]
  row <- table[r, ] / pivot
  column <- table[, k]
  table <- table - outer(column, row)
  table[, k] <- -column / pivot
  table[r, ] <- row
  table[r, k] <- 1 / pivot
  table
}

has_separation <- function(x, sides) {
  if (!any(sides != 0, na.rm = TRUE)) return(FALSE)
  simplex_value(separation_programme(x, sides)) > 1e-6
}

has_separation_by_solver <- function(x, sides) {
  if (!any(sides != 0, na.rm = TRUE)) return(FALSE)
  programme <- separation_programme(x, sides)
  at_most <- rep("<=", length(programme$right))
  lpSolve::lp("max", programme$objective, programme$left, at_most, programme$right)$objval > 1e-6
}

# Complete: some direction moves every row to its side.
has_complete_separation <- function(x, sides) {
  used <- !is.na(sides)
  if (any(sides[used] == 0)) return(FALSE)
  open <- x[used, , drop = FALSE] * sides[used]
  p <- ncol(x)
  m <- nrow(open)
  # max t, t <= s x'd, t <= 1, |d| <= bound
  left <- rbind(cbind(-open, open, 1), cbind(diag(2 * p), 0), c(numeric(2 * p), 1))
  simplex_value(list(objective = c(numeric(2 * p), 1), left = left, right = c(numeric(m), rep(1e6, 2 * p), 1))) > 1e-6
}
