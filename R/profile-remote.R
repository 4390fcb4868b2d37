# Limits of the likelihood ratio for a coefficient, from fits of the others.

profile_limits <- function(object, parm, tails) {
  error <- sqrt(diag(stats::vcov(object)))
  dispersion <- summary(object)$dispersion
  with_passes(object, function(passes) {
    t(vapply(match(parm, names(object$coefficients)), function(column) {
      if (is.na(object$coefficients[column])) return(c(NA_real_, NA_real_))
      root <- new_profile(object, passes, column, dispersion)
      vapply(stats::qnorm(tails), function(z) profile_limit(root, object$coefficients[[column]], error[[column]], z), 0)
    }, c(0, 0)))
  })
}

# The signed root of the deviance gained back by holding the coefficient at `value`; fits start where the
# last one ended.
new_profile <- function(object, passes, column, dispersion) {
  estimate <- known_coefficients(object)
  columns <- setdiff(which(!is.na(object$coefficients)), column)
  last <- estimate[columns]
  function(value) {
    fixed <- replace(0 * estimate, column, value)
    held <- if (length(columns)) {
      solution <- solve_remote(passes, start = unname(last), free = columns, fixed = unname(fixed))
      last <<- solution$coefficients
      solution$deviance
    } else {
      ask_pass(passes, unname(fixed), character(), FALSE, FALSE)$deviance
    }
    sign(value - estimate[[column]]) * sqrt(max(0, held - object$deviance) / dispersion)
  }
}

# Where the signed root is z, by the secant method from the Wald limit, within brackets. The root is nearly
# straight, so that few fits do.
profile_limit <- function(root, estimate, error, z) {
  near <- estimate
  far <- Inf * sign(z)
  points <- cbind(value = c(estimate, estimate + z * error), root = c(0, NA))
  for (round in 1:20) {
    value <- points[2, "value"]
    points[2, "root"] <- root(value)
    gap <- points[2, "root"] - z
    if (!is.finite(gap)) return(NA_real_)
    if (abs(gap) < 1e-7 * abs(z)) return(unname(value))
    if (gap * sign(z) < 0) near <- value else far <- value
    slope <- (points[2, "root"] - points[1, "root"]) / (points[2, "value"] - points[1, "value"])
    proposal <- value - gap / slope
    inside <- is.finite(proposal) && (proposal - near) * sign(z) > 0 && (far - proposal) * sign(z) > 0
    if (!inside) proposal <- if (is.finite(far)) (near + far) / 2 else value + z * error
    points <- rbind(points[2, ], c(proposal, NA))
  }
  NA_real_
}
