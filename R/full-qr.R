# The n x p QR decomposition that glm.fit() leaves, rebuilt from a fit for who asks for it.

# The full decomposition of the weighted design, as glm.fit() leaves it; `expand(factors)` makes the design, each row times its factor.
full_qr <- function(fit, expand) {
  scaled <- expand(sqrt(as.vector(fit$weights)))
  attr(scaled, "assign") <- attr(scaled, "contrasts") <- NULL
  kept <- fit$weights > 0
  decomposition <- qr(if (all(kept)) scaled else scaled[kept, , drop = FALSE], tol = fit$qr$tol, LAPACK = FALSE)
  structure(c(unclass(decomposition)[c("qr", "rank", "qraux", "pivot")], fit$qr["tol"]), class = "qr")
}

full_effects <- function(fit, decomposition) {
  kept <- fit$weights > 0
  offset <- if (is.null(fit$offset)) 0 else fit$offset
  working <- (fit$linear.predictors - offset + fit$residuals)[kept] * sqrt(fit$weights[kept])
  effects <- qr.qty(decomposition, working)
  if (is.null(colnames(decomposition$qr))) return(effects)
  names <- rep("", length(effects))
  rank <- seq_len(decomposition$rank)
  names[rank] <- colnames(decomposition$qr)[rank]
  named(effects, names)
}

with_full_qr <- function(fit, expand) {
  if (!length(fit$coefficients)) {
    fit["qr"] <- list(NULL)
    return(fit)
  }
  with_decomposition(fit, weighted_design(fit, expand))
}

# The decomposition of the weighted design; an error where the fit is degenerate.
weighted_design <- function(fit, expand) {
  check_working_rows(fit)
  qr <- full_qr(fit, expand)
  if (!is_plain_impl(qr$qr, 0, 1L) || !all(is.finite(qr$qraux))) stop_degenerate()
  qr
}

check_working_rows <- function(fit) {
  if (!all(is.finite(fit$weights), is.finite(fit$residuals[fit$weights > 0]))) stop_degenerate()
}

stop_degenerate <- function() {
  stop_glmpp("qr", "The full QR decomposition can't be made: working weights or residuals are not finite, or too small.",
             i = "The fit is degenerate: see its warnings.")
}

with_decomposition <- function(fit, qr) {
  fit$qr <- qr
  fit$effects <- full_effects(fit, qr)
  p <- ncol(qr$qr)
  root <- qr$qr[seq_len(min(p, nrow(qr$qr))), , drop = FALSE]
  root[row(root) > col(root)] <- 0
  dimnames(root) <- list(colnames(qr$qr)[seq_len(nrow(root))], colnames(qr$qr))
  fit$R <- root
  fit
}

# The same, made when one of its numbers is first read, where it can't tell us anything new: of full rank, and well
# conditioned, so that LINPACK's pivots are ours. `expand` as full_qr() has it; `names`: of its rows and columns, or NULL.
with_deferred_qr <- function(fit, expand, names, condition) {
  surely_the_same <- 1e8
  p <- length(fit$coefficients)
  bare <- fit$qr
  used <- fit$weights > 0
  rows <- sum(used)
  if (fit$rank < p || rows < p || !isTRUE(condition < surely_the_same)) return(with_full_qr(fit, expand))
  compact <- fit
  qr <- NULL
  part <- function(k) {
    if (is.null(qr)) qr <<- weighted_design(compact, expand)
    switch(k, qr$qr, qr$qraux, with_decomposition(compact, qr)$effects, with_decomposition(compact, qr)$R)
  }
  if (!is.null(names) && rows < length(used)) names[1] <- list(names[[1]][used])
  parts <- deferred_qr_impl(part, rows, p, names)
  qr_of_rows <- list(qr = parts[[1L]], rank = p, qraux = parts[[2L]], pivot = bare$pivot, tol = bare$tol)
  class(qr_of_rows) <- "qr"
  fit$qr <- qr_of_rows
  fit$effects <- parts[[3L]]
  fit$R <- parts[[4L]]
  fit
}
