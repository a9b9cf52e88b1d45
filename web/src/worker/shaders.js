/** Shaders of `WebGlCompositor`. Textures lie with their first row at 0; the screen's lies at 1. */

export const VERTEX = `#version 300 es
out vec2 place;
void main() {
  vec2 corner = vec2((gl_VertexID << 1) & 2, gl_VertexID & 2);
  place = corner;
  gl_Position = vec4(corner * 2.0 - 1.0, 0.0, 1.0);
}`;

/** Colours times the part that is surely background, and that part. */
export const WEIGH = `#version 300 es
precision highp float;
uniform sampler2D frame, alpha;
in vec2 place;
out vec4 result;
void main() {
  vec2 cell = 1.0 / vec2(textureSize(alpha, 0));
  float most = 0.0;
  for (int y = -1; y <= 1; y++)
    for (int x = -1; x <= 1; x++)
      most = max(most, texture(alpha, place + cell * vec2(x, y)).r);
  float weight = clamp(1.0 - 20.0 * most, 0.0, 1.0);
  result = vec4(texture(frame, place).rgb * weight, weight);
}`;

/** A Gaussian of two steps' sigma along one axis. */
export const BLUR = `#version 300 es
precision highp float;
uniform sampler2D source;
uniform vec2 step_;
in vec2 place;
out vec4 result;
void main() {
  vec4 sum = vec4(0.0);
  float total = 0.0;
  for (int tap = -5; tap <= 5; tap++) {
    float weight = exp(-float(tap * tap) / 8.0);
    sum += weight * texture(source, place + step_ * float(tap));
    total += weight;
  }
  result = sum / total;
}`;

/**
 * The matte brought to the frame's edges (joint bilateral upsampling; Kopf et al., SIGGRAPH 2007),
 * the person's own colour, and what goes behind.
 */
export const COMPOSE = `#version 300 es
precision highp float;
uniform sampler2D frame, alpha, guide, picture, near, far;
uniform bool mirror, original;
uniform int kind;
uniform vec3 colour;
uniform vec4 part;
uniform vec2 matteSize;
in vec2 place;
out vec4 result;

float matte(vec2 at, vec3 here) {
  vec2 cell = floor(at * matteSize - 0.5) + 0.5;
  float sum = 0.0, total = 0.0;
  for (int y = -1; y <= 2; y++) {
    for (int x = -1; x <= 2; x++) {
      vec2 neighbour = (cell + vec2(x, y)) / matteSize;
      vec2 distance_ = at * matteSize - cell - vec2(x, y);
      vec3 difference = texture(guide, neighbour).rgb - here;
      float weight = exp(-dot(distance_, distance_) / 1.6 - dot(difference, difference) / 0.015) + 1e-5;
      sum += weight * texture(alpha, neighbour).r;
      total += weight;
    }
  }
  return clamp((sum / total - 0.5) * 1.25 + 0.5, 0.0, 1.0);
}

void main() {
  vec2 screen = vec2(place.x, 1.0 - place.y);
  vec2 at = vec2(mirror ? 1.0 - screen.x : screen.x, screen.y);
  vec3 here = texture(frame, at).rgb;
  if (original) {
    result = vec4(here, 1.0);
    return;
  }
  float a = matte(at, here);
  vec4 behind = texture(near, at) + 0.02 * texture(far, at);
  vec3 blurred = behind.a > 1e-4 ? behind.rgb / behind.a : here;
  if (kind == 3) {
    result = vec4(mix(blurred, here, a), 1.0);
    return;
  }
  vec3 person = clamp((here - (1.0 - a) * blurred) / max(a, 0.25), 0.0, 1.0);
  person = mix(here, person, step(0.05, a));
  if (kind == 0) result = vec4(person * a, a);
  else result = vec4(mix(kind == 1 ? colour : texture(picture, part.xy + screen * part.zw).rgb, person, a), 1.0);
}`;
