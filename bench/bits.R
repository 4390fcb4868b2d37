# The coefficients of 40 plain fits in memory, to the bit: one line for each, and a checksum of all. Run with the library
# of one version, then with that of another, and compare:
#
#   R_LIBS=before Rscript bench/bits.R >before.txt; R_LIBS=after Rscript bench/bits.R >after.txt; cmp before.txt after.txt

library(glmpp)

set.seed(2026)
n <- 3000
made <- data.frame(
  x1 = rnorm(n), x2 = runif(n), x3 = rexp(n), x4 = 1e3 * rnorm(n), g = factor(sample(letters[1:12], n, TRUE)),
  h = factor(sample(c("u", "v", "w"), n, TRUE)), flag = runif(n) < 0.4, days = sample(1:9, n, TRUE), w = runif(n, 0.5, 2)
)
eta <- with(made, 0.3 + 0.5 * x1 - 0.4 * x2 + 0.1 * x3 + 0.3 * flag + 0.1 * as.integer(g) / 6)
made$count <- rpois(n, exp(eta))
made$hit <- rbinom(n, 1, plogis(eta))
made$tries <- 1 + rpois(n, 5)
made$hits <- rbinom(n, made$tries, plogis(eta))
made$size <- rgamma(n, 2, 2 / exp(eta))
made$level <- eta + rnorm(n)
made$x5 <- made$x1 + 2 * made$x2
large <- made[rep(seq_len(n), 40), ]
large$x1 <- large$x1 + rep(seq(0, 1, length.out = 40), each = n)
row.names(large) <- NULL

all_terms <- ~ x1 + x2 + x3 + x4 + g + h + flag
response <- function(name) stats::update(all_terms, paste(name, "~ ."))
fit_of <- function(formula, family, data = made, ...) {
  call <- as.call(list(quote(glmpp), formula, family, quote(data), ...))
  suppressWarnings(eval(call))
}
fits <- list()
add <- function(name, ...) fits[[name]] <<- fit_of(...)
for (link in c("logit", "probit", "cloglog", "cauchit")) add(paste("binomial", link), response("hit"), binomial(link))
for (link in c("logit", "probit", "log")) add(paste("proportions", link), cbind(hits, tries - hits) ~ x2 + h, binomial(link))
for (link in c("log", "sqrt")) add(paste("poisson", link), response("count"), poisson(link))
add("poisson identity", count ~ x2 + flag, poisson("identity"))
for (link in c("log", "inverse")) add(paste("Gamma", link), size ~ x2 + h + flag, Gamma(link))
for (link in c("identity", "log")) add(paste("gaussian", link), abs(level) + 1 ~ x1 + x2 + g, gaussian(link))
for (link in c("log", "inverse")) add(paste("inverse.gaussian", link), size + 0.2 ~ x2 + flag, inverse.gaussian(link))
add("quasipoisson", response("count"), quasipoisson)
add("quasibinomial", response("hit"), quasibinomial)
add("quasi", response("count"), quasi("log", "mu"))
add("negative binomial", response("count"), MASS::negative.binomial(1.5))
add("weights", response("count"), poisson, weights = quote(w))
add("offset", response("count"), poisson, offset = quote(log(days)))
add("both", response("size"), Gamma("log"), weights = quote(w), offset = quote(log(days)))
add("interaction", hit ~ x1 * g + h:x2, binomial)
add("factors crossed", hit ~ g * h, binomial)
add("groups", hits / tries ~ h + flag, binomial, weights = quote(tries))
add("aliased", hit ~ x1 + x2 + x5 + g, binomial)
add("no intercept", level ~ 0 + g + x1, gaussian)
add("polynomial", hit ~ poly(x1, 4) + log(x3), binomial)
add("powers", level ~ x4 + I(x4^2) + I(x4^3), gaussian)
add("start", response("hit"), binomial, start = rep(0.01, 19))
add("large logit", response("hit"), binomial, large)
add("large poisson", response("count"), poisson, large)
add("large Gamma", response("size"), Gamma("log"), large)
add("large gaussian", response("level"), gaussian, large)
add("large groups", hit ~ g * h + flag, binomial, large)
add("large aliased", count ~ x1 + x2 + x5 + h, poisson, large)
add("mtcars", am ~ wt + hp, binomial, mtcars)
add("warpbreaks", breaks ~ wool * tension, poisson, warpbreaks)
add("separated", c(0, 0, 0, 1, 1, 1) ~ seq_len(6), binomial, data.frame(row.names = 1:6))

stopifnot(length(fits) == 40)
lines <- vapply(fits, function(fit) paste(sprintf("%a", c(unname(coef(fit)), deviance(fit))), collapse = " "), "")
cat(paste0(names(fits), ": ", lines), sep = "\n")
file <- tempfile()
writeLines(lines, file)
cat("checksum of the coefficients and deviances of 40 fits:", tools::md5sum(file), "\n")
