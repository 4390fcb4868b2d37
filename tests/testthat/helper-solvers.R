# The shared suite of solvers: named problems, one for each family and link.

solver_problem <- function(name, family, mean, y = NULL) {
  list(name = name, family = family, mean = mean, draw = y)
}

# Those that need no penalty of their own.
plain_solvers <- function() {
  names(Filter(function(facts) !"separable_penalty" %in% facts$needs, glmpp:::known_solvers_impl()))
}

# Predictors in [-1, 1] with effects small enough to keep every mean well inside its range.
solver_data <- function(problem, rows = 300) {
  with_local_seed(11, {
    data <- data.frame(x1 = runif(rows, -1, 1), x2 = runif(rows, -1, 1), g = factor(sample(letters[1:3], rows, TRUE)))
    eta <- 0.3 * data$x1 - 0.2 * data$x2 + 0.1 * (data$g == "b")
    data$y <- problem$draw(problem$mean(eta))
    data
  })
}

with_local_seed <- function(seed, code) {
  old <- if (exists(".Random.seed", globalenv(), inherits = FALSE)) get(".Random.seed", globalenv())
  on.exit(if (is.null(old)) rm(".Random.seed", envir = globalenv()) else assign(".Random.seed", old, globalenv()))
  set.seed(seed)
  code
}

draw_normal <- function(mu) rnorm(length(mu), mu, 0.3)
draw_bernoulli <- function(mu) rbinom(length(mu), 1, mu)
draw_poisson <- function(mu) rpois(length(mu), mu)
draw_gamma <- function(mu) rgamma(length(mu), shape = 5, scale = mu / 5)

solver_problems <- function() {
  above <- function(level) function(eta) level + eta
  list(
    solver_problem("gaussian identity", gaussian(), above(2), draw_normal),
    solver_problem("gaussian log", gaussian("log"), function(eta) exp(1 + eta), draw_normal),
    solver_problem("gaussian inverse", gaussian("inverse"), function(eta) 1 / (1 + eta / 2), function(mu) rnorm(length(mu), mu, 0.05)),
    solver_problem("binomial logit", binomial(), function(eta) plogis(3 * eta), draw_bernoulli),
    solver_problem("binomial probit", binomial("probit"), function(eta) pnorm(2 * eta), draw_bernoulli),
    solver_problem("binomial cloglog", binomial("cloglog"), function(eta) 1 - exp(-exp(2 * eta - 0.5)), draw_bernoulli),
    solver_problem("binomial cauchit", binomial("cauchit"), function(eta) pcauchy(3 * eta), draw_bernoulli),
    solver_problem("binomial log", binomial("log"), function(eta) exp(eta - 1.5), draw_bernoulli),
    solver_problem("poisson log", poisson(), function(eta) exp(1 + 2 * eta), draw_poisson),
    solver_problem("poisson identity", poisson("identity"), above(4), draw_poisson),
    solver_problem("poisson sqrt", poisson("sqrt"), function(eta) (2 + eta)^2, draw_poisson),
    solver_problem("Gamma inverse", Gamma(), function(eta) 1 / (2 + eta), draw_gamma),
    solver_problem("Gamma identity", Gamma("identity"), above(3), draw_gamma),
    solver_problem("Gamma log", Gamma("log"), function(eta) exp(1 + eta), draw_gamma),
    solver_problem("inverse.gaussian 1/mu^2", inverse.gaussian(), function(eta) 1 / sqrt(1 + eta), draw_gamma),
    solver_problem("inverse.gaussian log", inverse.gaussian("log"), function(eta) exp(eta), draw_gamma),
    solver_problem("negative binomial log", MASS::negative.binomial(3), function(eta) exp(1 + eta),
                   function(mu) rnbinom(length(mu), size = 3, mu = mu)),
    solver_problem("quasi mu^2 sqrt", quasi(variance = "mu^2", link = "sqrt"), function(eta) (2 + eta)^2, draw_gamma)
  )
}

# Problems that a solver can't serve, and says so.
solver_exceptions <- list(
  sgd = c("binomial log", "poisson identity", "Gamma inverse", "Gamma identity", "inverse.gaussian 1/mu^2", "poisson sqrt", "quasi mu^2 sqrt")
)
