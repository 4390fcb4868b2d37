# Rows that come from elsewhere, for tests of fits from afar.

chunks_of <- function(data, rows) {
  done <- 0
  chunks(function(reset) {
    if (reset) return(invisible(done <<- 0))
    if (done == nrow(data)) return(NULL)
    chosen <- seq(done + 1, min(done + rows, nrow(data)))
    done <<- max(chosen)
    data[chosen, , drop = FALSE]
  })
}

# Rows of every kind of variable, with missing values.
remote_rows <- function(rows = 400, seed = 1) {
  set.seed(seed)
  data <- data.frame(x = rnorm(rows), z = runif(rows, 1, 3), text = sample(c("b", "a", "d c"), rows, TRUE),
                     size = factor(sample(c("low", "mid", "high"), rows, TRUE), levels = c("low", "mid", "high", "never")),
                     grade = factor(sample(1:3, rows, TRUE), ordered = TRUE), on = sample(c(TRUE, FALSE), rows, TRUE),
                     exposure = runif(rows, 0.5, 2), w = sample(0:3, rows, TRUE), id = sample(25, rows, TRUE))
  eta <- 0.3 * data$x + 0.4 * (data$size == "high") - 0.2 * data$on
  data$count <- rpois(rows, data$exposure * exp(eta))
  data$amount <- rgamma(rows, 5, 5 / exp(eta))
  data$share <- rbinom(rows, 6, plogis(eta))
  data$rest <- 6 - data$share
  data$answer <- factor(ifelse(rbinom(rows, 1, plogis(eta)) == 1, "yes", "no"), levels = c("no", "yes", "refused"))
  data$x[7] <- NA
  data$text[rows - 3] <- NA
  data
}

expect_same_fit <- function(remote, memory, tolerance = 1e-11) {
  testthat::expect_s3_class(remote, "glmpp_remote")
  testthat::expect_equal(coef(remote), coef(memory), tolerance = tolerance)
  testthat::expect_equal(vcov(remote), vcov(memory), tolerance = tolerance)
  scalars <- c("deviance", "null.deviance", "aic", "df.residual", "df.null", "rank")
  testthat::expect_equal(unclass(remote)[scalars], unclass(memory)[scalars], tolerance = tolerance)
  testthat::expect_equal(nobs(remote), nobs(memory))
  testthat::expect_equal(c(logLik(remote)), c(logLik(memory)), tolerance = tolerance)
  testthat::expect_equal(BIC(remote), BIC(memory), tolerance = tolerance)
}

# What summary() prints, without the call and without how the fit was reached.
summary_text <- function(fit) {
  text <- utils::capture.output(print(summary(fit)))
  text <- text[match("Coefficients:", substr(text, 1, 13)):length(text)]
  text[!grepl("^(Solver|Number of Fisher)", text)]
}

# The name of a file that goes with the session.
new_file <- function(ending = "") tempfile(fileext = ending)

# The sandwich from its definition, by the model matrix of a converged glm().
direct_sandwich <- function(plain, type = "HC0", cluster = NULL) {
  x <- stats::model.matrix(plain)
  mean <- stats::fitted(plain)
  slope <- plain$family$mu.eta(plain$linear.predictors)
  variance <- plain$family$variance(mean)
  scores <- x * (plain$prior.weights * (plain$y - mean) * slope / variance)
  bread <- solve(crossprod(x, x * (plain$prior.weights * slope^2 / variance)))
  n <- sum(plain$prior.weights != 0)
  scale <- if (type == "HC1") n / (n - ncol(x)) else 1
  if (!is.null(cluster)) {
    scores <- rowsum(scores, cluster)
    groups <- nrow(scores)
    scale <- groups / (groups - 1) * if (type == "HC1") (n - 1) / (n - ncol(x)) else 1
  }
  scale * bread %*% crossprod(scores) %*% bread
}

# Models of several kinds over remote_rows().
sandwich_models <- list(
  list(count ~ x * size + text, poisson), list(cbind(share, rest) ~ x + offset(log(exposure)), binomial("probit")),
  list(amount ~ 0 + size + log(z), Gamma("log")), list(count ~ z + size, poisson("sqrt"))
)

# `fit_of(formula, family)` makes the fit whose robust covariances are compared.
expect_direct_sandwich <- function(rows, fit_of) {
  rows <- rows[stats::complete.cases(rows), ]
  for (model in sandwich_models) {
    fit <- fit_of(model[[1]], model[[2]], rows)
    plain <- stats::glm(model[[1]], model[[2]], rows, control = list(epsilon = 1e-15, maxit = 60))
    for (type in c("HC0", "HC1")) {
      testthat::expect_equal(vcov(fit, type = type), direct_sandwich(plain, type), tolerance = 1e-8)
      testthat::expect_equal(vcov(fit, type = type, cluster = ~id), direct_sandwich(plain, type, rows$id), tolerance = 1e-8)
    }
  }
}
