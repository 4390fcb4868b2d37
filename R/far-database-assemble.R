# From the sums of the cells to those of the design's columns.

# The sums in the order of the plan's cells.
fetch_cells <- function(home, columns, query) {
  plan <- home$plan
  keys <- if (length(plan$factors)) paste0("g", plan$factors)
  found <- fetch_grouped(home$database, keys, columns, query)
  sums <- found$sums
  if (length(keys)) sums <- sums[match(seq_along(plan$cells[[1]]), cells_of(plan, found$keys)), , drop = FALSE]
  if (anyNA(sums[, "rows"]) || nrow(found$sums) != nrow(sums) || sum(sums[, "rows"]) != plan$kept) {
    stop_glmpp("database", "The rows in the database have changed during the fit.",
               x = sprintf("There were %s complete rows, now there are %s.", format(plan$kept, big.mark = ","),
                           format(sum(found$sums[, "rows"]), big.mark = ",")),
               i = "Fit within a transaction that holds them still, or to a copy.")
  }
  sums
}

# The places among the plan's cells of rows of keys.
cells_of <- function(plan, keys) {
  codes <- Map(function(k, column) match(key_labels(plan$variables[[k]], column), plan$variables[[k]]$levels), plan$factors, keys)
  match(do.call(paste, unname(codes)), do.call(paste, plan$cells))
}

assemble <- function(home, cells, need, wanted, has_null) {
  total <- function(name) if (name %in% colnames(cells)) sum(cells[, name]) else NA_real_
  is_valid <- total("invalid") == 0 && total("known") == home$plan$kept && is.finite(total("deviance"))
  transform <- home$plan$standard$transform
  score <- if (wanted[["score"]]) drop(crossprod(transform, cell_score(home$plan, cells)))
  information <- if (wanted[["information"]]) cell_information(home$plan, cells)
  root <- if ("root" %in% need) information_root(information, home$plan$kept) %*% transform
  if (is_valid && wanted[["information"]]) check_condition(home, information)
  sums <- list(score = score, information = if ("information" %in% need) crossprod(transform, information %*% transform),
               root = root, pearson = total("pearson"))
  if (isTRUE(wanted["range"])) sums <- c(sums, list(least_mean = min(cells[, "least_mean"]), most_mean = max(cells[, "most_mean"])))
  if (isTRUE(wanted["likelihood"])) sums <- c(sums, lapply(named(names(home$terms$likelihood), names(home$terms$likelihood)), total))
  do.call(new_sums, c(list(total("deviance"), is_valid), Filter(Negate(is.null), sums),
                      list(null_deviance = if (has_null) total("null_deviance"))))
}

cell_score <- function(plan, cells) {
  score <- numeric(length(plan$multiplier))
  for (a in unique(plan$multiplier)) {
    columns <- which(plan$multiplier == a)
    score[columns] <- crossprod(plan$cell_values[, columns, drop = FALSE], cells[, paste0("r", a)])
  }
  score
}

cell_information <- function(plan, cells) {
  information <- matrix(0, length(plan$multiplier), length(plan$multiplier))
  used <- sort(unique(plan$multiplier))
  for (a in used) for (b in used[used >= a]) {
    rows <- which(plan$multiplier == a)
    columns <- which(plan$multiplier == b)
    weighted <- cells[, sprintf("w%d_%d", a, b)] * plan$cell_values[, columns, drop = FALSE]
    block <- crossprod(plan$cell_values[, rows, drop = FALSE], weighted)
    information[rows, columns] <- block
    information[columns, rows] <- t(block)
  }
  information
}

# The triangular root by Cholesky, in the order of the columns. What is left of a column after those before it is
# taken for rounding, and the column for aliased, when its square is less than this share of the column's: rounding
# of a sum grows with the root of the number of its terms (Higham 2002, Accuracy and Stability of Numerical Algorithms, ch. 4).
information_root <- function(information, rows) {
  least <- 1e-15 * max(10, sqrt(rows))
  norm <- sqrt(pmax(diag(information), 0))
  left <- information / outer(ifelse(norm > 0, norm, 1), ifelse(norm > 0, norm, 1))
  root <- matrix(0, nrow(left), ncol(left))
  for (j in seq_along(norm)) {
    if (!isTRUE(left[j, j] > least)) next
    after <- j:ncol(left)
    root[j, after] <- left[j, after] / sqrt(left[j, j])
    left[after, after] <- left[after, after] - outer(root[j, after], root[j, after])
  }
  root * rep(norm, each = nrow(root))
}

# Relative errors of standard errors from sums are about 8e-18 condition^2.
most_condition <- 1e5

check_condition <- function(home, information) {
  if (isTRUE(home$is_conditioned)) return(invisible())
  home$is_conditioned <- TRUE
  root <- information_root(information, home$plan$kept)
  estimable <- which(diag(root) > 0)
  if (!length(estimable)) return(invisible())
  root <- root[estimable, estimable, drop = FALSE]
  values <- svd(root / rep(sqrt(colSums(root^2)), each = nrow(root)), 0, 0)$d
  home$condition <- values[1] / values[length(values)]
  if (home$condition <= most_condition) return(invisible())
  stop_glmpp("condition", sprintf("The condition number of the centred and scaled columns is %.1e.", home$condition),
             x = sprintf("It must be below %.0e for their standard errors to be had from sums.", most_condition),
             i = "Columns that nearly add up to one another do this: leave one out, or combine them.",
             i = "`in_database(..., where = \"stream\")` works by QR, which has no such limit.")
}
